"""Calls on their way through executors: when each was handed over, and which job it makes.

A call of a job may be wrapped (in a `partial`, `Context.run`, a lambda, a method of the program's
own pool) when it reaches an executor. Where the job can be recognised it exists from then on; where
it can not it is known once it is called, and was created when the call was handed over.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .events import NOBODY


class HandedJob:
    """A job that has been handed to an executor, which may call it in this process or elsewhere.

    Attributes:
        job: The marked job that is to be called; None for whichever comes first.
        number: The job's number, or `NOBODY` until it has one.
        at_ns: When it was handed over.
        is_claimed: Whether its end is noted by whoever took it over.
        taken: When a thread took it, and what that thread had used of the processors then, in ns;
            None if it has not been seen.
    """

    __slots__ = ("at_ns", "is_claimed", "job", "number", "taken")

    def __init__(self, at_ns: int, job: object = None, number: int = NOBODY) -> None:
        self.at_ns = at_ns
        self.job = job
        self.number = number
        self.is_claimed = False
        self.taken: tuple[int, int] | None = None

    def let_go(self) -> None:
        """Keep nothing of the program's any more; it is not going to be called."""


class HandedCall(HandedJob):
    """A call that has been handed to a pool of threads; what the pool calls instead of it."""

    __slots__ = ("_clock", "_function")

    def __init__(self, function: Callable[..., Any], clock: Callable[[], int]) -> None:
        """Be handed over now, by a clock in nanoseconds."""
        # what the base class's __init__ does, without the call of it
        self.at_ns = clock()
        self.job = None
        self.number = NOBODY
        self.is_claimed = False
        self.taken = None
        self._clock = clock
        self._function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call the function; the first job that it calls is the one that was handed over."""
        # a done future keeps this call, but no pool keeps what it has called
        function, self._function = self._function, _called
        before, _here.call = _here.call, self
        self.taken = self._clock(), time.thread_time_ns()
        try:
            return function(*args, **named)
        finally:
            _here.call = before
            del self, function, args, named

    def let_go(self) -> None:
        """Keep the function no longer: it is not going to be called."""
        self._function = _called


def _called(*_args: Any, **_named: Any) -> None:
    """Stand for a function that has been let go."""


class _OfThisThread(threading.local):
    call: HandedCall | None = None


_here = _OfThisThread()


def claimed_here(job: object) -> HandedJob | None:
    """Return the call that the calling thread was handed, if a job is the first that it makes."""
    call = _here.call
    if call is None or call.is_claimed or (call.job is not None and call.job is not job):
        return None
    call.is_claimed = True
    return call


class HandedJobs:
    """The calls of one marked job that executors have been handed, which nobody has made yet."""

    def __init__(self) -> None:
        self._by_index: dict[object, deque[HandedJob]] = {}

    def add(self, index: object, handed: HandedJob) -> None:
        """Expect a call with an index."""
        self._by_index.setdefault(_key(index), deque()).append(handed)

    def claim(self, index: object) -> HandedJob | None:
        """Return the oldest call with an index, for the one who makes it; None if there is none."""
        waiting = self._by_index.get(_key(index)) if self._by_index else None
        while waiting:
            handed = waiting.popleft()
            if not handed.is_claimed:
                handed.is_claimed = True
                return handed
        return None


def _key(index: object) -> object:
    return index if type(index) is int else ("identity", id(index))
