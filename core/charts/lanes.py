"""Which rows a chart has, and which spans stand in which row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.recording.events import lane_name
from core.timeline import Integers, State, Timeline
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

    `row` tells for each of `spans` (indices into the timeline's spans) in which row it stands.
    """

    names: tuple[str, ...]
    spans: Integers
    row: Integers

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "Lanes":
        """Return the same rows with some of the spans only."""
        return replace(self, spans=self.spans[mask], row=self.row[mask])


def shown_jobs(timelines: Sequence[Timeline], most: int) -> int:
    """Return how many jobs, the same first ones of each run, can be drawn exactly together.

    Never more than `most`; jobs that a run has not begun yet need no room.
    """
    spans_up_to = np.zeros(most + 1, dtype=np.int64)
    for timeline in timelines:
        order = np.searchsorted(timeline.jobs.number, timeline.spans.job)
        spans_up_to[1:] += np.bincount(order, minlength=most)[:most].cumsum()
    return max(1, int(np.searchsorted(spans_up_to, MAX_SPANS, side="right")) - 1)


def job_lanes(timeline: Timeline, jobs: int) -> Lanes:
    """Return one row a job, for the first `jobs` of them."""
    numbers = timeline.jobs.number[:jobs]
    spans = np.flatnonzero(np.isin(timeline.spans.job, numbers))
    return Lanes(
        names=tuple(_("job {number}").format(number=number + 1) for number in numbers.tolist()),
        spans=spans,
        row=np.searchsorted(numbers, timeline.spans.job[spans]),
    )


def worker_lanes(timeline: Timeline, jobs: int) -> Lanes:
    """Return one row for each loop, thread or process that did something for the first jobs."""
    numbers = timeline.jobs.number[:jobs]
    held = np.isin(timeline.spans.state, (State.RUNNING, State.WORKING))
    spans = np.flatnonzero(held & np.isin(timeline.spans.job, numbers))
    codes, row = np.unique(timeline.spans.lane[spans], return_inverse=True)
    return Lanes(names=tuple(lane_name(int(code)) for code in codes), spans=spans, row=row)


def lanes_of(timeline: Timeline, view: LaneView, jobs: int) -> Lanes:
    """Return the rows that a view asks for."""
    return (job_lanes if view is LaneView.JOBS else worker_lanes)(timeline, jobs)
