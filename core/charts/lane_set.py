"""What the rows of a large run stand for: its jobs, its workers, or the places that jobs take."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from core.charts.exact_lanes import LaneView
from core.recording.events import lane_name
from core.timeline.timeline import Booleans, Integers, State, Timeline

JOBS_A_PLACE = 4
COUNTED_UP_TO = 1_000_000


class ItemKind(Enum):
    """What an item is."""

    JOB = auto()
    WORKER = auto()
    PLACE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of a run, from top to bottom, and which spans are shown for them.

    `of_span` has the item of each of `spans`, indices into the timeline's spans; `of_job` that of
    each job in the order of the timeline's, -1 for a job that is shown nowhere. The
    numbers of items are counted from that of the first one in view, `first`.
    """

    kind: ItemKind
    names: tuple[str, ...]
    count: int
    first: int
    spans: Integers | slice
    of_span: Integers
    of_job: Integers

    @property
    def have_all_spans(self) -> bool:
        """Whether every span of the run is shown in some item."""
        return isinstance(self.spans, slice)


def items_of(timeline: Timeline, view: LaneView, jobs: tuple[int, int]) -> Items:
    """Return the rows of a run: its workers where it has some, else its jobs or their places.

    Jobs of which only few are under way at once are shown in the places that they take. `jobs` are
    the first and the last one in view.
    """
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    if view is LaneView.WORKERS or (spans.state == State.WORKING).any():
        return _workers(timeline, held)
    place = places(timeline.jobs.created_ns, timeline.jobs.ended_ns)
    count = int(place.max(initial=-1)) + 1
    if 0 < count * JOBS_A_PLACE <= len(place):
        return _by_job(timeline, place, ItemKind.PLACE, (0, count - 1))
    return _by_job(timeline, timeline.jobs.number, ItemKind.JOB, jobs)


def _by_job(timeline: Timeline, item: Integers, kind: ItemKind, shown: tuple[int, int]) -> Items:
    item = item - shown[0]
    number, job = timeline.jobs.number, timeline.spans.job
    none_missing = len(number) == 0 or number[-1] == len(number) - 1
    own = job if none_missing else np.searchsorted(number, job)
    return Items(
        kind=kind,
        names=(),
        count=shown[1] - shown[0] + 1,
        first=shown[0],
        spans=slice(None),
        of_span=item[own],
        of_job=item,
    )


def _workers(timeline: Timeline, held: Booleans) -> Items:
    spans = np.flatnonzero(held)
    lanes = timeline.spans.lane[spans]
    codes = _different(lanes)
    of_span = np.searchsorted(codes, lanes)
    job = timeline.spans.job[spans]
    last = np.searchsorted(job, timeline.jobs.number, side="right") - 1
    seen = (last >= 0) & (job[last] == timeline.jobs.number) if len(job) else last >= 0
    return Items(
        kind=ItemKind.WORKER,
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


def places(start_ns: Integers, end_ns: Integers) -> Integers:
    """Return the place of each job if each takes the one that has been free for longest.

    There are as many places as jobs were there at once. So when the next job begins, the first to
    end of the jobs whose places nobody has taken yet has ended: who follows whom is known from two
    sorted columns, and all who follow one another are in one place.
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
    while (first >= at_once).any():
        first = first[first]
    return first[rank]
