"""How long the rest of a sweep will take: from ideals, and from what it cost so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LoopscopeError
from core.spec.ideal import NS_PER_S, ideal, refuse_too_long
from core.sweep.points import Point
from core.sweep.series import Series

FIRST_GUESS_S = 0.6
"""For a child to start, before any has; afterwards the mean of those that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """A point, and how long it took to get it, with the start of its process."""

    point: Point
    seconds: float

    @property
    def around_s(self) -> float:
        """How long everything around the run took."""
        return self.seconds - self.point.wall_ns / NS_PER_S


def remaining_s(
    to_come: Sequence[tuple[Series, int]], done: Sequence[Took], sleep_s: float
) -> float:
    """Return about how long the runs to come will take.

    Each takes its ideal time, what a job of its series cost in its largest run so far, times its
    jobs, and as long around the run as the others needed.
    """
    around_s = sum(each.around_s for each in done) / len(done) if done else FIRST_GUESS_S
    cost_s = {
        each.point.series: max(0, each.point.wall_ns - each.point.ideal_ns)
        / NS_PER_S
        / each.point.jobs
        for each in done
    }
    return sum(
        around_s + best_s + cost_s.get(series, 0.0) * jobs
        for series, jobs in to_come
        if (best_s := _ideal_s(series, jobs, sleep_s)) is not None
    )


def _ideal_s(series: Series, jobs: int, sleep_s: float) -> float | None:
    """Return how long a run would ideally take; None for one that will be refused."""
    try:
        spec = series.spec(jobs, sleep_s)
        refuse_too_long(spec)
    except LoopscopeError:
        return None
    return ideal(spec).wall_ns / NS_PER_S
