"""What a job is: the types that patterns arrange, workloads provide and recording marks."""

import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
class Plan:
    """What each job of a run does, as a rule rather than a list: it travels to every worker.

    Attributes:
        longest_s: The sleep time of the job that sleeps longest, in seconds.
        count: How many jobs there are.
        spread: How the sleep times of the jobs relate to one another.
        failing: The index of the job that fails; None if all shall end well.
        failing_after_s: How long that job sleeps before it fails.
        service: Where the service is that the jobs need; see `core.services`.
        connections: How many connections the jobs share.
        failure_rate: The share of requests that the service shall refuse, from 0 to 1.
    """

    longest_s: float
    count: int
    spread: Spread = Spread.EQUAL
    failing: int | None = None
    failing_after_s: float = 0.0
    service: str = ""
    connections: int = 1
    failure_rate: float = 0.0

    def sleep_s(self, index: int) -> float:
        """Return the sleep time of one job in seconds.

        With `EQUAL` it is the same for all. With `FALLING` the first job sleeps longest and each
        later one sleeps `longest_s / count` less, so jobs started together end in reverse order.
        """
        if index == self.failing:
            return self.failing_after_s
        if self.spread is Spread.FALLING:
            return self.longest_s * (self.count - index) / self.count
        return self.longest_s

    def is_refused(self, index: int) -> bool:
        """Return whether the service shall refuse a job; those refused are spread evenly."""
        return int((index + 1) * self.failure_rate) > int(index * self.failure_rate)

    def fails(self, index: int) -> bool:
        """Return whether a job is to end with an error, by its own doing or by a refusal."""
        return index == self.failing or self.is_refused(index)

    @property
    def may_fail(self) -> bool:
        """Whether any job is to end with an error."""
        return self.failing is not None or self.failure_rate > 0

    def fail_if_chosen(self, index: int) -> None:
        """Raise if this is the job that shall fail.

        Raises:
            RuntimeError: With a message that names the job.
        """
        if index == self.failing:
            raise RuntimeError(f"job {index + 1} went wrong")


NoteWait = Callable[[], AbstractContextManager[object]]
"""Returns what a thread is in while it waits."""


class _OfThisThread(threading.local):
    note_wait: NoteWait = nullcontext


_own = _OfThisThread()


def waiting_for_connection() -> AbstractContextManager[object]:
    """Return what a thread is in while it waits for one of the connections that jobs share.

    A pool of connections enters it around its own wait. While a recorded job runs in the calling
    thread, the wait is recorded as the job's; otherwise nothing happens.
    """
    return _own.note_wait()


@contextmanager
def noting_waits(note_wait: NoteWait) -> Iterator[None]:
    """Let `waiting_for_connection` return what this makes, in the calling thread."""
    before, _own.note_wait = _own.note_wait, note_wait
    try:
        yield
    finally:
        _own.note_wait = before
