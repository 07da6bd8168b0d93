"""The crossover: up to how many jobs a pool of threads is as fast as coroutines."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.spec.machine import default_pool_size
from core.sweep.points import Point
from core.sweep.series import Series

AS_FAST_SHARE = 0.10
"""A run that takes up to this share longer than another counts as fast as it: runs of the same
settings differ by as much on a machine that does other things, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """How the default pool compares with coroutines on this machine.

    Attributes:
        as_fast_up_to: The largest number of jobs with which it was as fast; 0 for none. With
            fewer a run may have been slower: something disturbed it, since it has less to do.
        coroutines: The coroutines' run with the most jobs of which the pool has one, too.
        pool: The pool's run of that many.
    """

    as_fast_up_to: int
    coroutines: Point
    pool: Point

    @property
    def waves(self) -> int:
        """How many times the pool must be filled for that many jobs."""
        return -(-self.pool.jobs // default_pool_size())

    @property
    def crosses(self) -> bool:
        """Whether coroutines were faster in the end."""
        return self.as_fast_up_to < self.pool.jobs


def crossover(points: Sequence[Point]) -> Crossover | None:
    """Return where coroutines become faster than the default pool; None without runs of both.

    Runs that the machine disturbed do not count.
    """
    coroutines = _by_jobs(points, Series.COROUTINES)
    pool = _by_jobs(points, Series.POOL)
    both = sorted(set(coroutines) & set(pool))
    if not both:
        return None
    as_fast = [
        jobs
        for jobs in both
        if pool[jobs].wall_ns <= coroutines[jobs].wall_ns * (1 + AS_FAST_SHARE)
    ]
    return Crossover(
        as_fast_up_to=max(as_fast, default=0),
        coroutines=coroutines[both[-1]],
        pool=pool[both[-1]],
    )


def _by_jobs(points: Sequence[Point], series: Series) -> dict[int, Point]:
    return {point.jobs: point for point in points if point.series is series and point.is_comparable}
