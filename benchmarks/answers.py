"""What an answer of the app says, read back: whose lanes it shows, how late its sleeps were."""

import json
from base64 import b64decode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.sessions import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a session asked for: how many jobs, each to sleep for how long."""

    tasks: int
    sleep_ms: float


def faults(answer: Answer, expected: Expected) -> list[str]:
    """Return what is wrong with an answer: errors, and lanes that are not the session's own."""
    charts = answer.of("plotly_chart")
    found = [f"exception: {text}" for text in answer.exceptions]
    found += [
        f"alert: {each.alert.body}"
        for each in answer.of("alert")
        if each.alert.format == each.alert.ERROR
    ]
    if not charts and not answer.is_refresh:
        found.append("no chart")
    for each in charts:
        found += _foreign(lanes(each.plotly_chart.spec), expected.tasks)
    for jobs in _jobs_of_tables(answer):
        found += _foreign(jobs, expected.tasks)
    return found


def _foreign(jobs: int, own: int) -> list[str]:
    return [] if jobs == own else [f"{jobs} lanes instead of {own}"]


def lanes(figure: str) -> int:
    """Return for how many jobs a chart of one run has lanes: those of its ideal schedule."""
    ideal = next(trace for trace in json.loads(figure)["data"] if trace["name"] == "ideal")
    return len(np.unique(_column(ideal["y"])))


def _column(values: Any) -> Any:
    """Return a column of a figure, which Plotly writes as a list or as base64."""
    if isinstance(values, dict):
        return np.frombuffer(b64decode(values["bdata"]), dtype=values["dtype"])
    return np.asarray(values)


def is_whole(answer: Answer) -> bool:
    """Whether an answer shows a run that came to its end."""
    return bool(answer.of("download_button"))


def _spans(answer: Answer) -> list[Any]:
    """Return the tables of spans, which are those that have a column for the state."""
    tables = [
        pa.ipc.open_stream(BytesIO(each.table.arrow_data.data)).read_pandas()
        for each in answer.of("table")
    ]
    return [table for table in tables if "state" in table.columns]


def _jobs_of_tables(answer: Answer) -> list[int]:
    return [table["job"].nunique() for table in _spans(answer)]


def lateness_ms(answer: Answer, expected: Expected) -> list[float]:
    """Return how late each sleep ended: from when its timer was due until its job ran again.

    Read from the table of spans, in milliseconds with three decimals: the start of the wait for
    the timer, and of the job's next span that runs.
    """
    return [late for table in _spans(answer) for late in _late(table, expected.sleep_ms)]


def _late(table: Any, sleep_ms: float) -> list[float]:
    due: dict[int, float] = {}
    found = []
    rows = zip(table["job"], table["state"], table["on"], table["start (ms)"], strict=True)
    for job, state, on, start_ms in rows:
        if on == "timer":
            due[job] = float(start_ms) + sleep_ms
        elif state == "running" and job in due:
            found.append(float(start_ms) - due.pop(job))
    return found
