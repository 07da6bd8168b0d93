"""Job marks: the callables that a pattern is handed, which note when a job begins and ends."""

import asyncio
import sys
import time
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType, FunctionType
from typing import Any

from core.jobs import BlockingJob, CoroutineJob, noting_waits
from core.recording.eager import YieldWatch
from core.recording.events import DETAIL_BITS, NOBODY, Birth, Kind, Then
from core.recording.handles import RecordedHandle
from core.recording.recorder import JobError, Recorder
from core.recording.texts import kept

Row = tuple[int, ...]
COROUTINE = int(Birth.COROUTINE)
OK = int(Then.OK)
RUN_CODE = RecordedHandle._run.__code__  # noqa: SLF001
SECOND = 2


class _Unbegun(weakref.ref[Any]):
    """A weak reference to the coroutine of a job that has not begun: its death is the job's end."""

    __slots__ = ("number",)

    number: int


class MarkedCoroutineJob:
    """A coroutine job whose calls are recorded.

    The coroutine that it returns carries the workload's name, so that a task's `repr`, and a
    warning about a coroutine that was never awaited, read as without recording.
    """

    def __init__(self, job: CoroutineJob, recorder: Recorder) -> None:
        """Mark the calls of a job."""
        self._job = job
        self._recorder = recorder
        self._numbers: dict[int, int] = {}
        self._when_lost = self._note_lost
        inner = job.func if isinstance(job, partial) else job
        self._marked_by_name = FunctionType(_MARKED_CODE, globals(), inner.__name__)
        self._marked_by_name.__qualname__ = inner.__qualname__
        recorder.root_job = self.number_of
        recorder.job_around = job_around
        recorder.yields = YieldWatch(_MARKED_CODE, _note_yield)

    def __call__(self, index: int) -> Coroutine[Any, Any, object]:
        """Return the coroutine of a new job."""
        recorder = self._recorder
        try:
            number = recorder.create(index, COROUTINE)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            recorder.give_up(error)
            number = index
        coroutine = self._marked_by_name(self, number, index)
        self._numbers[id(coroutine)] = number
        recorder.unbegun[number] = unbegun = _Unbegun(coroutine, self._when_lost)
        unbegun.number = number
        return coroutine  # type: ignore[no-any-return]

    def _note_lost(self, unbegun: "_Unbegun") -> None:
        if self._recorder.unbegun.pop(unbegun.number, None) is not None:
            self._recorder.end(unbegun.number, Then.LOST)

    def number_of(self, coroutine: Any) -> int:
        """Return the number of the job that a coroutine is, or `NOBODY`.

        An identity may be that of a coroutine long gone, but a marked one enters its own anew.
        """
        if getattr(coroutine, "cr_code", None) is not _MARKED_CODE:
            return NOBODY
        return self._numbers[id(coroutine)]

    async def _marked(self, number: int, index: int) -> object:
        recorder = self._recorder
        recorder.unbegun.pop(number, None)
        loop: Any = asyncio._get_running_loop()  # noqa: SLF001
        if getattr(loop, "recorder", None) is not recorder:
            loop = recorder
        loop.begin_job(number)
        try:
            result = await self._job(index)
        except asyncio.CancelledError:
            loop.end_job(number, Then.CANCELLED)
            raise
        except GeneratorExit:
            loop.end_job(number, Then.LOST)
            raise
        except BaseException as error:
            recorder.errors[number] = JobError.of(error)
            loop.end_job(number, Then.FAILED)
            raise
        recorder.results[number] = kept(result)
        loop.end_job(number, OK)
        return result


_MARKED_CODE = MarkedCoroutineJob._marked.__code__  # noqa: SLF001


def job_around() -> int:
    """Return the job that awaits the one which begins now, by the stack, or `NOBODY`."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
    marked = 0
    while frame is not None and frame.f_code is not RUN_CODE:
        if frame.f_code is _MARKED_CODE:
            marked += 1
            if marked == SECOND:
                return int(frame.f_locals["number"])
        frame = frame.f_back
    return NOBODY


def _note_yield() -> None:
    note_yield = getattr(asyncio._get_running_loop(), "note_yield", None)  # noqa: SLF001
    if note_yield is not None:
        note_yield()


class MarkedBlockingJob:
    """A blocking job whose calls are recorded on the worker that makes them."""

    def __init__(self, job: BlockingJob, recorder: Recorder) -> None:
        """Mark the calls of a job."""
        self._job = job
        self._recorder = recorder
        self._site = recorder.sites.of_function(job)

    def __call__(self, index: int) -> object:
        """Do a job that was not handed to a pool: in a thread of its own, or on the loop."""
        number = self._recorder.create(index, Birth.CALL, self._site)
        loop: Any = asyncio._get_running_loop()  # noqa: SLF001
        if getattr(loop, "recorder", None) is self._recorder:
            return self._hold_loop(loop, number, index)
        return self.work(number, index)

    def for_thread(self, index: int) -> tuple[int, Callable[[], object]]:
        """Return a new job's number and what a thread of a pool must call to do it."""
        number = self._recorder.create(index, Birth.POOL, self._site)
        return number, partial(self.work, number, index)

    def for_process(self, index: int) -> tuple[int, BlockingJob]:
        """Return a new job's number and the job itself, which can be pickled."""
        return self._recorder.create(index, Birth.POOL, self._site), self._job

    def work(self, number: int, index: int) -> object:
        """Do a job in the calling thread and record how it went."""
        recorder = self._recorder
        lane = recorder.lane_of_this_thread()
        try:
            result = timed_work(
                recorder.append, recorder.clock, lane, number, partial(self._job, index)
            )
        except BaseException as error:
            recorder.errors[number] = JobError.of(error)
            raise
        recorder.results[number] = kept(result)
        return result

    def _hold_loop(self, loop: Any, number: int, index: int) -> object:
        loop.begin_job(number)
        try:
            result = self._job(index)
        except BaseException as error:
            self._recorder.errors[number] = JobError.of(error)
            loop.end_job(number, Then.FAILED)
            raise
        self._recorder.results[number] = kept(result)
        loop.end_job(number, Then.OK)
        return result


def timed_work(
    append: Callable[[Row], object],
    clock: Callable[[], int],
    lane: int,
    number: int,
    call: Callable[[], object],
) -> object:
    """Call and return what it returns; append when the worker took it, and how long it worked.

    While it waits for a connection, its worker does not work on it.
    """
    work = _Work(append, clock, lane << DETAIL_BITS, number)
    work.begin()
    then = Then.FAILED
    try:
        with noting_waits(work.waits):
            result = call()
        then = Then.OK
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

    def begin(self) -> None:
        self._start_ns = start_ns = self._clock()
        self._append((Kind.TAKEN, self._number, 0, start_ns, 0, self._where, NOBODY))
        self._cpu_start_ns = time.thread_time_ns()

    def end(self, then: Then) -> None:
        cpu_ns = time.thread_time_ns() - self._cpu_start_ns
        detail = self._where | then
        self._append(
            (Kind.WORKED, self._number, cpu_ns, self._start_ns, self._clock(), detail, NOBODY)
        )

    @contextmanager
    def waits(self) -> Iterator[None]:
        self.end(Then.CONNECTION)
        try:
            yield
        finally:
            self.begin()
