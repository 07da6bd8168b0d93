"""What an answer of the app says, read back: whose lanes it shows, how late its sleeps were."""

import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.sessions import Answer
from core.charts.boxes import PLACES
from core.text.numbers import NS_PER_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a session asked for: how many jobs, each to sleep for how long."""

    tasks: int
    sleep_ms: float


def faults(answer: Answer, expected: Expected) -> list[str]:
    """Return what is wrong with an answer: errors, and lanes that are not the session's own."""
    shown = figures(answer)
    found = [f"exception: {text}" for text in answer.exceptions]
    found += [
        f"alert: {each.alert.body}"
        for each in answer.of("alert")
        if each.alert.format == each.alert.ERROR
    ]
    if not shown:
        found.append("no chart")
    for figure in shown:
        found += _foreign(lanes(figure), expected.tasks)
        if is_whole(answer):
            found += _foreign(len(set(_measured(figure)["row"])), expected.tasks)
    return found


def figures(answer: Answer) -> list[Any]:
    """Return the figures of the charts in an answer, in the order in which they came."""
    return [json.loads(each.plotly_chart.spec) for each in answer.of("plotly_chart")]


def _foreign(jobs: int, own: int) -> list[str]:
    return [] if jobs == own else [f"{jobs} lanes instead of {own}"]


def lanes(figure: Any) -> int:
    """Return for how many jobs a chart of one run has lanes: those of its ideal schedule."""
    ideal = next(trace for trace in figure["data"] if trace["name"] == "ideal")
    return len(np.unique(_column(ideal["y"])))


def _column(values: Any) -> Any:
    """Return a column of a figure, which Plotly writes as a list or as base64."""
    if isinstance(values, dict):
        return np.frombuffer(b64decode(values["bdata"]), dtype=values["dtype"])
    return np.asarray(values)


def is_whole(answer: Answer) -> bool:
    """Whether an answer shows a run that came to its end: only that has figures."""
    return bool(answer.of("metric"))


def lateness_ms(answer: Answer, expected: Expected) -> list[float]:
    """Return how late each sleep ended: from when its timer was due until its job ran again.

    Read from the bars of the chart: the last wait of a job is that for its timer, and the job runs
    again at the start of its next bar that is no wait; a long step is called blocking there.
    """
    return [
        late for figure in figures(answer) for late in _late(_measured(figure), expected.sleep_ms)
    ]


def _late(bars: pd.DataFrame, sleep_ms: float) -> list[float]:
    found = []
    for _row, job in bars.groupby("row"):
        slept_from_ms = job.loc[job["state"] == "waiting", "start_ms"].max()
        runs_ms = job.loc[~job["state"].isin(["waiting", "ready"]), "start_ms"]
        again_ms = runs_ms[runs_ms > slept_from_ms].min()
        found.append(float(again_ms - slept_from_ms - sleep_ms))
    return found


def _measured(figure: Any) -> pd.DataFrame:
    """Return the bars of what was measured: `row`, `state` and `start_ms` of each."""
    (unit_ns,) = {place["unit_ns"] for place in figure["layout"]["meta"][PLACES].values()}
    bars = [
        pd.DataFrame(
            {
                "row": _column(trace["y"]),
                "state": trace["name"],
                "start_ms": _column(trace["base"]) * unit_ns / NS_PER_MS,
            }
        )
        for trace in figure["data"]
        if trace.get("orientation") == "h" and trace["name"] != "ideal"
    ]
    return pd.concat(bars) if bars else pd.DataFrame({"row": []})
