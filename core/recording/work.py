"""Blocking work on its way and under way: which job a handed call makes, and how long it works.

A call of a job may be wrapped (in a `partial`, `Context.run`, a lambda, a method of the program's
own pool) when it reaches an executor. Where the job can be recognised it exists from then on; where
it can not it is known once it is called, and was created when the call was handed over.

The work itself is measured where it is done: a thread, a worker process, or one of Dask's
workers, to which this code goes by value.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from .events import DETAIL_BITS, NOBODY, Kind, Then


class HandedJob:
    """A job that has been handed to an executor, which may call it in this process or elsewhere.

    Attributes:
        job: The marked job that is to be called; None for whichever comes first.
        number: The job's number, or `NOBODY` until it has one.
        at_ns: When it was handed over.
        is_claimed: Whether another one, which took it over, notes its end.
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

    def drop_function(self) -> None:
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
        # here and not when the job begins: what stands around it in the call is its work, too
        self.taken = self._clock(), time.thread_time_ns()
        try:
            return function(*args, **named)
        finally:
            # A traceback keeps this frame, which must keep nothing of the program's.
            _here.call = before
            del self, function, args, named

    def drop_function(self) -> None:
        """Keep the function no longer: it is not going to be called."""
        self._function = _called


def _called(*_args: Any, **_named: Any) -> None:
    """Stand for a function that was dropped."""


class _CallOfThisThread(threading.local):
    call: HandedCall | None = None


_here = _CallOfThisThread()


def claimed_here(job: object) -> HandedJob | None:
    """Return the call that the calling thread was handed, if a job is the first that it makes."""
    call = _here.call
    if call is None or call.is_claimed or (call.job is not None and call.job is not job):
        return None
    call.is_claimed = True
    return call


class HandedJobs:
    """The calls of one marked job that executors have been handed, which have not been made yet."""

    def __init__(self) -> None:
        self._by_index: dict[object, deque[HandedJob]] = {}

    def add(self, index: object, handed: HandedJob) -> None:
        """Expect a call with an index."""
        self._by_index.setdefault(_key(index), deque()).append(handed)

    def claim(self, index: object) -> HandedJob | None:
        """Return the oldest call with an index, for the one who makes it; None if there is none."""
        # Two threads may look at once: `popleft` gives each call to one of them.
        waiting = self._by_index.get(_key(index)) if self._by_index else None
        while waiting:
            try:
                handed = waiting.popleft()
            except IndexError:
                return None
            if not handed.is_claimed:
                handed.is_claimed = True
                return handed
        return None


def _key(index: object) -> object:
    # An index need not be hashable, and its `__hash__` would be the program's code.
    return index if type(index) is int else ("identity", id(index))


Row = tuple[int, ...]
TAKEN = int(Kind.TAKEN)
WORKED = int(Kind.WORKED)
OK = int(Then.OK)
FAILED = int(Then.FAILED)
"""As integers: CPython 3.11 takes longer to find a member of an enumeration than to add a row."""

NoteWait = Callable[[int], AbstractContextManager[object]]
"""Returns what a thread is in while it waits on what a `Then` names."""
CONNECTION = int(Then.CONNECTION)
JOB = int(Then.JOB)


class _OfThisThread(threading.local):
    note_wait: NoteWait = nullcontext


_own = _OfThisThread()


def waiting_for_connection() -> AbstractContextManager[object]:
    """Return what a thread is in while it waits for one of the connections that jobs share.

    A pool of connections enters it around its own wait. While a recorded job runs in the calling
    thread, the wait is recorded as the job's; otherwise nothing happens.
    """
    return _own.note_wait(CONNECTION)


def waiting_for_job() -> AbstractContextManager[object]:
    """Return what a thread is in while it does a job that another one calls, as it waits for that.

    A worker has one job at a time: the one that calls goes on when the other one has ended.
    """
    return _own.note_wait(JOB)


def note_waits_by(note_wait: NoteWait) -> NoteWait:
    """Let waits of the calling thread be noted by what this makes.

    Returns what it did before, which the caller must put back: each job pays for it, and a
    context manager would take as long as all that is noted of an empty job.
    """
    before, _own.note_wait = _own.note_wait, note_wait
    return before


def timed_work(  # noqa: PLR0917 - it is called for each job
    append: Callable[[Row], object],
    clock: Callable[[], int],
    lane: int,
    number: int,
    call: Callable[[], object],
    taken: tuple[int, int] | None = None,
) -> object:
    """Call and return what it returns; append when the worker took it, and how long it worked.

    While it waits for a connection, its worker does not work on it. `taken` is when the worker took
    it, and what it had used of the processors then, if that was earlier.
    """
    work = _Work(append, clock, lane << DETAIL_BITS, number)
    start_ns, cpu_ns = taken or (clock(), None)
    work.begin(start_ns, cpu_ns)
    then = FAILED
    try:
        before = note_waits_by(work.waits)
        try:
            result = call()
        finally:
            note_waits_by(before)
        then = OK
    finally:
        work.end(then)
    return result


class _Work:
    """What a worker does for a job, up to its end or its next wait.

    The CPU time is that of the calling thread: a thread that waits for the GIL uses none.
    """

    __slots__ = ("_append", "_clock", "_cpu_start_ns", "_number", "_start_ns", "_where")

    def __init__(
        self, append: Callable[[Row], object], clock: Callable[[], int], where: int, number: int
    ) -> None:
        self._append = append
        self._clock = clock
        self._where = where
        self._number = number

    def begin(self, start_ns: int, cpu_ns: int | None = None) -> None:
        self._start_ns = start_ns
        # The row first, then the processor's clock: what the row costs is not the job's.
        self._append((TAKEN, self._number, 0, start_ns, 0, self._where, NOBODY))
        self._cpu_start_ns = time.thread_time_ns() if cpu_ns is None else cpu_ns

    def end(self, then: int) -> None:
        # the other way round at the end
        cpu_ns = time.thread_time_ns() - self._cpu_start_ns
        detail = self._where | then
        self._append((WORKED, self._number, cpu_ns, self._start_ns, self._clock(), detail, NOBODY))

    @contextmanager
    def waits(self, on: int) -> Iterator[None]:
        self.end(on)
        try:
            yield
        finally:
            self.begin(self._clock())
