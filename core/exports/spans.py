"""The spans of runs as one table, for spreadsheets and for pandas: CSV and Parquet."""

import io
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.recording.events import NOBODY, lane_name
from core.runfile import job_name
from core.text.legible import legible
from core.timeline.timeline import NO_CPU_TIME, Booleans, Cause, Integers, On, State, Timeline

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula, and carries it out."""


def csv(timelines: Sequence[Timeline]) -> bytes:
    """Return the spans of all runs as CSV in UTF-8, for spreadsheets and for reading.

    Texts that look like formulas get a `'`, and what is no letter an escape, as CSV has none of its
    own; Parquet has them as they are.
    """
    frame = spans_table(timelines)
    # The only texts that a program can choose; names of jobs and lanes are made of numbers.
    frame["where"] = frame["where"].map(_without_formula, na_action="ignore")
    return frame.to_csv(index=False).encode()


def parquet(timelines: Sequence[Timeline]) -> bytes:
    """Return the spans of all runs as a Parquet file."""
    file = io.BytesIO()
    spans_table(timelines).to_parquet(file, index=False)
    return file.getvalue()


def spans_table(timelines: Sequence[Timeline]) -> pd.DataFrame:
    """Return one row a span, of all runs; times are whole nanoseconds since the run's start.

    `run` counts from 1, in the order of the runs; `job_id`, `waker_id`, `holder_id`, `on` and
    `where` are as in the run file, and `cause` is what most of a long running span was.
    What a span does not have is missing.
    """
    frames = [_table(number, each) for number, each in enumerate(timelines, start=1)]
    return pd.concat(frames, ignore_index=True)


def _table(run: int, timeline: Timeline) -> pd.DataFrame:
    spans = timeline.spans
    frame = pd.DataFrame(
        {
            "run": np.full(len(spans), run),
            "pattern": pd.Series([timeline.program.name] * len(spans), dtype="str"),
            "job_id": spans.job,
            "job": _named(
                spans.job, {job: job_name(job, timeline) for job in timeline.jobs.number.tolist()}
            ),
            "state": _named(spans.state, {int(state): state.word for state in State}),
            "start_ns": spans.start_ns,
            "end_ns": spans.end_ns,
            "duration_ns": spans.duration_ns,
            "lane": _named(
                spans.lane, {code: lane_name(code) for code in set(spans.lane.tolist())}
            ),
            "on": _named(spans.on, {int(on): on.name.lower() for on in On}),
            "where": _named(spans.site, dict(enumerate(timeline.sites, start=1))),
            "cpu_ns": _present(spans.cpu_ns, spans.cpu_ns != NO_CPU_TIME),
            "waker_id": _present(spans.waker, spans.waker != NOBODY),
            "cause": _named(spans.cause, {int(each): each.word for each in Cause if each}),
            "holder_id": _present(spans.holder, spans.holder != NOBODY),
        }
    )
    frame["on"] = frame["on"].where(spans.state == State.WAITING)
    return frame


def _named(codes: Integers, names: dict[int, str]) -> "pd.Series[str]":
    return pd.Series([names.get(code) for code in codes.tolist()], dtype="str")


def _present(values: Integers, present: Booleans) -> "pd.Series[int]":
    # The nullable type: among floats, numbers beyond 2**53 would lose their last digits.
    return pd.Series(values, dtype="Int64").where(present)


def _without_formula(text: str) -> str:
    shown = legible(text)
    return f"'{shown}" if text.startswith(FORMULA_SIGNS) else shown
