"""Which rows a chart has, and which spans stand in which row."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.charts.window import Window
from core.recording.events import lane_name
from core.timeline import Booleans, Integers, State, Timeline
from core.words import _

MAX_SPANS = 1_500
"""How many bars a browser paints at once without a wait that is felt."""


class LaneView(StrEnum):
    """What a row of the chart stands for."""

    JOBS = "jobs"
    WORKERS = "workers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The rows of one run's chart.

    `row` tells for each of `spans` (indices into the timeline's spans) in which row it stands. In
    rows of jobs, `first` is the index into the timeline's jobs of the one in the first row.
    """

    names: tuple[str, ...]
    spans: Integers
    row: Integers
    first: int = 0

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "Lanes":
        """Return the same rows with some of the spans only."""
        return replace(self, spans=self.spans[mask], row=self.row[mask])


def _first_index(timeline: Timeline, window: Window | None) -> int:
    if window is None or window.jobs is None:
        return 0
    return int(np.searchsorted(timeline.jobs.number, window.jobs[0]))


def _spans_of(timeline: Timeline, numbers: Integers, window: Window | None) -> Booleans:
    """Return which spans are of some jobs that follow one another, and in the window."""
    if not len(numbers):
        return np.zeros(len(timeline.spans), dtype=np.bool_)
    job = timeline.spans.job
    chosen: Booleans = (job >= numbers[0]) & (job <= numbers[-1])
    return chosen & window.shows(timeline) if window else chosen


def job_lanes(timeline: Timeline, jobs: int, window: Window | None = None) -> Lanes:
    """Return one row a job, for the first `jobs` of them in the window, or of all."""
    first = _first_index(timeline, window)
    numbers = timeline.jobs.number[first : first + jobs]
    spans = np.flatnonzero(_spans_of(timeline, numbers, window))
    return Lanes(
        names=tuple(_("job {number}").format(number=number + 1) for number in numbers.tolist()),
        spans=spans,
        row=np.searchsorted(numbers, timeline.spans.job[spans]),
        first=first,
    )


def worker_lanes(timeline: Timeline, jobs: int, window: Window | None = None) -> Lanes:
    """Return one row for each loop, thread or process that did something for the first jobs.

    A worker that did nothing in the window keeps its row, so that rows stay where they were.
    """
    first = _first_index(timeline, window)
    numbers = timeline.jobs.number[first : first + jobs]
    held = np.isin(timeline.spans.state, (State.RUNNING, State.WORKING))
    codes = np.unique(timeline.spans.lane[held & _spans_of(timeline, numbers, None)])
    spans = np.flatnonzero(held & _spans_of(timeline, numbers, window))
    return Lanes(
        names=tuple(lane_name(int(code)) for code in codes),
        spans=spans,
        row=np.searchsorted(codes, timeline.spans.lane[spans]),
        first=first,
    )


def lanes_of(timeline: Timeline, view: LaneView, jobs: int, window: Window | None = None) -> Lanes:
    """Return the rows that a view asks for."""
    return (job_lanes if view is LaneView.JOBS else worker_lanes)(timeline, jobs, window)
