"""What the rows of a large run stand for: its jobs, its workers, or the slots that jobs take.

Where jobs follow one another, a row for each would be a thin diagonal. So few jobs at once stand in
slots: the first job to end frees its slot for the next one to begin.
"""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from core.charts.exact_lanes import LaneView
from core.recording.events import lane_name
from core.timeline.timeline import Booleans, Integers, State, Timeline

JOBS_A_SLOT = 4
COUNTED_UP_TO = 1_000_000


class RowKind(Enum):
    """What a row stands for; a slot is called a place where people read."""

    JOB = auto()
    WORKER = auto()
    SLOT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSet:
    """The rows of a run, from top to bottom, and which spans are shown in them.

    `of_span` has the row of each of `spans`, indices into the timeline's spans; `of_job` that of
    each job in the order of the timeline's, -1 for a job that is shown nowhere. Rows are counted
    from that of the first job in view, `first`.
    """

    kind: RowKind
    names: tuple[str, ...]
    count: int
    first: int
    spans: Integers | slice
    of_span: Integers
    of_job: Integers

    @property
    def have_all_spans(self) -> bool:
        """Whether every span of the run is shown in some row."""
        return isinstance(self.spans, slice)


def lane_set_of(timeline: Timeline, view: LaneView, jobs: tuple[int, int]) -> LaneSet:
    """Return the rows of a run: its workers where it has some, else its jobs or their slots.

    Where few jobs are under way at once, they are shown in the slots that they take. `jobs` are
    the first and the last one in view.
    """
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    if view is LaneView.WORKERS or (spans.state == State.WORKING).any():
        return _workers(timeline, held)
    slot = slots(timeline.jobs.created_ns, timeline.jobs.ended_ns)
    count = int(slot.max(initial=-1)) + 1
    if 0 < count * JOBS_A_SLOT <= len(slot):
        return _by_job(timeline, slot, RowKind.SLOT, (0, count - 1))
    return _by_job(timeline, timeline.jobs.number, RowKind.JOB, jobs)


def _by_job(timeline: Timeline, row: Integers, kind: RowKind, shown: tuple[int, int]) -> LaneSet:
    row = row - shown[0]
    number, job = timeline.jobs.number, timeline.spans.job
    none_missing = len(number) == 0 or number[-1] == len(number) - 1
    own = job if none_missing else np.searchsorted(number, job)
    return LaneSet(
        kind=kind,
        names=(),
        count=shown[1] - shown[0] + 1,
        first=shown[0],
        spans=slice(None),
        of_span=row[own],
        of_job=row,
    )


def _workers(timeline: Timeline, held: Booleans) -> LaneSet:
    spans = np.flatnonzero(held)
    lanes = timeline.spans.lane[spans]
    codes = _different(lanes)
    of_span = np.searchsorted(codes, lanes)
    job = timeline.spans.job[spans]
    last = np.searchsorted(job, timeline.jobs.number, side="right") - 1
    seen = (last >= 0) & (job[last] == timeline.jobs.number) if len(job) else last >= 0
    return LaneSet(
        kind=RowKind.WORKER,
        names=tuple(lane_name(int(code)) for code in codes),
        count=max(1, len(codes)),
        first=0,
        spans=spans,
        of_span=of_span,
        of_job=np.where(seen, of_span[last] if len(of_span) else -1, -1),
    )


def _different(codes: Integers) -> Integers:
    """Return the different ones of some codes; those of most runs are small, and counted fast."""
    if not len(codes) or codes.max() > COUNTED_UP_TO:
        return np.unique(codes)
    return np.flatnonzero(np.bincount(codes))


def slots(start_ns: Integers, end_ns: Integers) -> Integers:
    """Return the slot of each job if each takes the one that has been free for longest.

    There are as many slots as jobs were there at once. So when the next job begins, the first to
    end of the jobs whose slots nobody has taken yet has ended: who follows whom is known from two
    sorted columns, and all who follow one another are in one slot.
    """
    count = len(start_ns)
    ended_ns = np.maximum(end_ns, start_ns + 1)
    by_start, by_end = np.argsort(start_ns, kind="stable"), np.argsort(ended_ns, kind="stable")
    ended_before = np.searchsorted(ended_ns[by_end], start_ns[by_start], side="right")
    at_once = int((np.arange(1, count + 1) - ended_before).max(initial=0))
    rank = np.empty(count, dtype=np.int64)
    rank[by_start] = np.arange(count)
    first = np.arange(count)
    first[at_once:] = rank[by_end[: count - at_once]]
    # Each round doubles how far a job looks back, so the longest chain of followers takes log2
    # of its length.
    while (first >= at_once).any():
        first = first[first]
    return first[rank]
