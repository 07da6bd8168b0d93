"""Which rows a chart has, and which spans stand in which row."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.charts.window import Window
from core.recording.events import lane_name
from core.text.language import _
from core.timeline.timeline import Booleans, Integers, State, Timeline

MAX_SPANS = 1_500
"""How many bars a browser paints at once without a wait that is felt."""


class LaneView(StrEnum):
    """What a row of the chart stands for."""

    JOBS = "jobs"
    WORKERS = "workers"


NUMBERS_UP_TO = 2**31
"""The largest number of a job that a run file may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The rows of one run's chart.

    `row` tells for each of `spans` (indices into the timeline's spans) in which row it stands. Rows
    of jobs have the `numbers` of these; rows of workers have none.
    """

    names: tuple[str, ...]
    spans: Integers
    row: Integers
    numbers: tuple[int, ...] = ()

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "Lanes":
        """Return the same rows with some of the spans only."""
        return replace(self, spans=self.spans[mask], row=self.row[mask])


def jobs_in_view(tasks: int, timeline: Timeline | None, window: Window | None) -> Integers:
    """Return the numbers of the jobs that have a row, made already or yet to come.

    Args:
        tasks: How many jobs the settings foresee; a run may have made copies beyond them.
        timeline: What is measured of them.
        window: The jobs in view; None, or one without jobs, for all.
    """
    first, last = (window and window.jobs) or (0, max(tasks - 1, NUMBERS_UP_TO))
    foreseen = np.arange(first, min(last + 1, tasks), dtype=np.int64)
    if timeline is None:
        return foreseen
    made = timeline.jobs.number
    return np.union1d(foreseen, made[(made >= first) & (made <= last)])


def job_name(number: int) -> str:
    """Return what a row calls a job; jobs are numbered from 0 and named from 1."""
    return _("job {number}").format(number=number + 1)


def job_lanes(numbers: Integers, timeline: Timeline | None, window: Window | None = None) -> Lanes:
    """Return a row for each job with one of some rising numbers, and its spans in the window."""
    spans, row = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if timeline is not None:
        spans = np.flatnonzero(_spans_of(timeline, numbers, window))
        row = np.searchsorted(numbers, timeline.spans.job[spans])
    return Lanes(
        names=tuple(map(job_name, numbers.tolist())),
        spans=spans,
        row=row,
        numbers=tuple(numbers.tolist()),
    )


def worker_lanes(numbers: Integers, timeline: Timeline, window: Window | None = None) -> Lanes:
    """Return one row for each loop, thread or process that did something for some jobs.

    A worker that did nothing in the window keeps its row, so that rows stay where they were.
    """
    held = np.isin(timeline.spans.state, (State.RUNNING, State.WORKING))
    codes = np.unique(timeline.spans.lane[held & _spans_of(timeline, numbers, None)])
    spans = np.flatnonzero(held & _spans_of(timeline, numbers, window))
    return Lanes(
        names=tuple(lane_name(int(code)) for code in codes),
        spans=spans,
        row=np.searchsorted(codes, timeline.spans.lane[spans]),
    )


def _spans_of(timeline: Timeline, numbers: Integers, window: Window | None) -> Booleans:
    """Return which spans are of jobs from the first to the last of some, and in the window."""
    job = timeline.spans.job
    if not len(numbers):
        return np.zeros(len(job), dtype=np.bool_)
    chosen: Booleans = (job >= numbers[0]) & (job <= numbers[-1])
    return chosen & window.shows(timeline) if window else chosen
