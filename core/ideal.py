"""The best schedule possible: what the settings predict before anything runs."""

import heapq
from dataclasses import dataclass

from core.errors import TooLong
from core.patterns import PATTERNS, AtOnce
from core.spec import LIMITS, RunSpec

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideal:
    """When each job would begin and end if everything but the jobs themselves took no time.

    Both tuples have one entry a job, in nanoseconds since the run's start.
    """

    start_ns: tuple[int, ...]
    end_ns: tuple[int, ...]

    @property
    def wall_ns(self) -> int:
        """The makespan: the end of the last job."""
        return max(self.end_ns)


def ideal(spec: RunSpec) -> Ideal:
    """Return the ideal schedule of a run.

    Jobs begin in order, each as soon as one of the places that the pattern has is free.
    Source: list scheduling, R. L. Graham, "Bounds for certain multiprocessing anomalies" (1966).
    """
    durations = spec.durations
    places = [0] * min(_places(spec), spec.tasks)
    starts, ends = [], []
    for index in range(spec.tasks):
        start_ns = places[0]
        end_ns = start_ns + round(durations[index] * NS_PER_S)
        heapq.heapreplace(places, end_ns)
        starts.append(start_ns)
        ends.append(end_ns)
    return Ideal(start_ns=tuple(starts), end_ns=tuple(ends))


def refuse_too_long(spec: RunSpec) -> None:
    """Refuse a run whose ideal wall time is beyond the limit.

    Raises:
        TooLong: With the time that it would take.
    """
    predicted_s = ideal(spec).wall_ns / NS_PER_S
    if predicted_s > LIMITS.ideal_wall_s:
        raise TooLong(spec.pattern, predicted_s, LIMITS.ideal_wall_s)


def _places(spec: RunSpec) -> int:
    at_once = PATTERNS[spec.pattern].at_once
    if at_once is AtOnce.ONE:
        return 1
    if at_once is AtOnce.WORKERS and spec.pool_size is not None:
        return spec.pool_size
    return spec.tasks
