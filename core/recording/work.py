"""A blocking job's work, measured by whoever does it: a thread, a worker process, another machine.

It goes to Dask's workers by value, so it needs little: rows, a clock, and what a thread keeps of
its own.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from .events import DETAIL_BITS, NOBODY, Kind, Then

Row = tuple[int, ...]
TAKEN = int(Kind.TAKEN)
WORKED = int(Kind.WORKED)
OK = int(Then.OK)
FAILED = int(Then.FAILED)
"""As integers: CPython 3.11 takes longer to find a member of an enumeration than to add a row."""

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


def note_waits_by(note_wait: NoteWait) -> NoteWait:
    """Let `waiting_for_connection` return what this makes, in the calling thread.

    Returns what it did before, which whoever calls this must put back: each job pays for it, and a
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
        self._append((TAKEN, self._number, 0, start_ns, 0, self._where, NOBODY))
        self._cpu_start_ns = time.thread_time_ns() if cpu_ns is None else cpu_ns

    def end(self, then: int) -> None:
        cpu_ns = time.thread_time_ns() - self._cpu_start_ns
        detail = self._where | then
        self._append((WORKED, self._number, cpu_ns, self._start_ns, self._clock(), detail, NOBODY))

    @contextmanager
    def waits(self) -> Iterator[None]:
        self.end(Then.CONNECTION)
        try:
            yield
        finally:
            self.begin(self._clock())
