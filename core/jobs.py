"""What a job is: the types that patterns arrange, workloads provide and recording marks."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CoroutineJob = Callable[[int], Coroutine[Any, Any, object]]
"""Called with a job's index, returns a coroutine that does the job."""

BlockingJob = Callable[[int], object]
"""Called with a job's index, does the job and returns its result."""


class JobKind(StrEnum):
    """The two kinds of function in a world with asyncio."""

    COROUTINE = "coroutine"
    BLOCKING = "blocking"


class Spread(StrEnum):
    """How the sleep times of a run's jobs relate to one another."""

    EQUAL = "equal"
    FALLING = "falling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The sleep time of each job, as a rule rather than a list: it travels to every worker."""

    longest_s: float
    count: int
    spread: Spread = Spread.EQUAL

    def __getitem__(self, index: int) -> float:
        """Return the sleep time of one job in seconds.

        With `EQUAL` it is the same for all. With `FALLING` the first job sleeps longest and each
        later one sleeps `longest_s / count` less, so jobs started together end in reverse order.
        """
        if self.spread is Spread.FALLING:
            return self.longest_s * (self.count - index) / self.count
        return self.longest_s
