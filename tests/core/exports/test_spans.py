"""Spans as a table."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd

from core.exports.spans import csv, parquet, spans_table
from core.patterns import PATTERNS
from core.timeline.timeline import Cause, State
from tests.core.recording.test_holders import recorded, takes_a_lock
from tests.kit.handmade import MS, timeline
from tests.kit.sleeping import run_sleeping
from tests.kit.speaking import speaking
from tests.kit.virtual import run_here

COLUMNS = [
    *("run", "pattern", "job_id", "job", "state", "start_ns", "end_ns", "duration_ns"),
    *("lane", "on", "where", "cpu_ns", "waker_id", "cause", "holder_id"),
]


def test_each_span_is_a_row_with_its_run() -> None:
    timelines = [run_sleeping(name, 2).timeline for name in ("sequential", "gather")]
    frame = spans_table(timelines)
    assert list(frame.columns) == COLUMNS
    assert frame["run"].tolist() == [1] * len(timelines[0].spans) + [2] * len(timelines[1].spans)
    assert frame["duration_ns"].sum() == sum(each.spans.duration_ns.sum() for each in timelines)
    assert set(frame["job"]) == {"job 1", "job 2"}


def test_what_a_span_does_not_have_is_missing() -> None:
    frame = spans_table([timeline((0, State.WAITING, 0, 2), (0, State.RUNNING, 2, 3), wall_ms=3)])
    assert frame["on"].fillna("-").tolist() == ["start", "-"]
    assert frame[["where", "cpu_ns", "waker_id", "cause"]].isna().all(axis=None)


def test_a_wait_has_the_job_that_held_what_it_is_on() -> None:
    frame = spans_table([recorded(takes_a_lock, 2)])
    assert frame["holder_id"][frame["on"] == "lock"].tolist() == [0]
    assert frame["holder_id"][frame["on"] != "lock"].isna().all()


def test_work_has_its_cpu_time() -> None:
    ran = run_here(PATTERNS["threads"], lambda index: index, 2)
    frame = spans_table([ran.timeline])
    assert (frame["cpu_ns"] >= 0).sum() == 2
    assert set(frame.loc[frame["state"] == "working", "lane"]) == {"thread-1", "thread-2"}


def test_a_long_running_span_has_its_cause() -> None:
    made = timeline((0, State.RUNNING, 0, 20), (0, State.WAITING, 20, 21), wall_ms=21)
    cause = np.array([Cause.COLLECTION, 0])
    frame = spans_table([replace(made, spans=replace(made.spans, cause=cause))])
    assert frame["cause"].fillna("-").tolist() == ["collection", "-"]


def test_both_files_say_the_same() -> None:
    timelines = [run_sleeping("gather", 3).timeline]
    frame = pd.read_parquet(io.BytesIO(parquet(timelines)))
    pd.testing.assert_frame_equal(frame, spans_table(timelines))
    read = pd.read_csv(io.BytesIO(csv(timelines)), dtype=frame.dtypes.to_dict())
    pd.testing.assert_frame_equal(read, frame)


def test_a_text_is_no_formula_in_a_spreadsheet() -> None:
    made = timeline((0, State.RUNNING, 0, 1), wall_ms=1)
    hostile = replace(
        made, sites=("=cmd()",), spans=replace(made.spans, site=np.array([1], dtype=np.int64))
    )
    assert ",'=cmd()," in csv([hostile]).decode()
    assert spans_table([hostile])["where"].tolist() == ["=cmd()"]


def test_an_escape_shows_what_no_spreadsheet_can_and_parquet_has_it_as_it_is() -> None:
    run = speaking("\x1b,\x9b\n\u202e")
    read = pd.read_csv(io.BytesIO(csv([run])))
    assert set(read["where"]) == {r"\x1b,\x9b\n\u202e"}
    whole = pd.read_parquet(io.BytesIO(parquet([run])))
    assert set(whole["where"]) == {"\x1b,\x9b\n\u202e"}


def test_times_are_whole_nanoseconds() -> None:
    frame = spans_table([timeline((0, State.RUNNING, 1, 3), wall_ms=3)])
    assert frame[["start_ns", "end_ns", "duration_ns"]].to_numpy().tolist() == [
        [MS, 3 * MS, 2 * MS]
    ]
    assert {str(frame[name].dtype) for name in ("start_ns", "end_ns", "duration_ns")} == {"int64"}
