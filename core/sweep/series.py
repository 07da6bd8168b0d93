"""The series of a sweep: what carries the jobs, and for how many jobs each is measured."""

from dataclasses import dataclass
from enum import StrEnum

from core.spec.limits import LIMITS
from core.spec.machine import default_pool_size
from core.spec.run_spec import RunSpec
from core.text.language import _

STEPS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


class Series(StrEnum):
    """What carries the jobs of a run."""

    COROUTINES = "coroutines"
    POOL = "pool"
    THREADS = "threads"
    PROCESSES = "processes"

    @property
    def text(self) -> str:
        """What the series is called, in this context's language."""
        return {
            Series.COROUTINES: _("coroutines"),
            Series.POOL: _("default pool of threads"),
            Series.THREADS: _("a thread per job"),
            Series.PROCESSES: _("a process per job"),
        }[self]

    def spec(self, jobs: int, sleep_s: float) -> RunSpec:
        """Return the run of so many jobs that sleep.

        Raises:
            BadValue: If so many are not allowed.
        """
        match self:
            case Series.COROUTINES:
                return RunSpec(pattern="gather", tasks=jobs, sleep_s=sleep_s)
            case Series.THREADS:
                return RunSpec(pattern="threads", tasks=jobs, sleep_s=sleep_s)
            case Series.POOL:
                return RunSpec(pattern="run_in_executor", tasks=jobs, sleep_s=sleep_s)
        return RunSpec(
            pattern="run_in_executor",
            tasks=jobs,
            sleep_s=sleep_s,
            executor="processes",
            workers=jobs,
        )

    def carriers(self, jobs: int) -> int:
        """Return how many tasks, threads or processes carry so many jobs."""
        return min(jobs, default_pool_size()) if self is Series.POOL else jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What to measure: some series, each with more and more jobs, up to the largest number.

    Attributes:
        series: What carries the jobs.
        sleep_s: How long each job sleeps.
        largest: The largest number of jobs.
    """

    series: tuple[Series, ...]
    sleep_s: float
    largest: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of jobs, rising; with a pool the one that fills it and one more, too."""
        pool = default_pool_size()
        extra = {pool, pool + 1} if Series.POOL in self.series else set()
        return tuple(sorted(each for each in {*STEPS, *extra} if each <= self.largest))

    @property
    def runs(self) -> tuple[tuple[Series, int], ...]:
        """All runs in their order: each number of jobs with every series, then the next."""
        return tuple((series, count) for count in self.counts for series in self.series)


LARGEST = (5, *(step for step in STEPS if 10 <= step <= LIMITS.tasks))
"""The largest numbers of jobs that can be chosen."""
