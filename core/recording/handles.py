"""The recorded handles: the steps of the loop, each noting when it was due, began and ended."""

import asyncio
from asyncio.events import Handle, TimerHandle
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

from core.recording.events import NOBODY, Kind, Then, pack_row

if TYPE_CHECKING:
    from core.recording.loop import Life, RecordingLoop

STEP = int(Kind.STEP)
NOTHING = int(Then.NOTHING)
YIELDED = int(Then.YIELDED)
NS_PER_S = 1_000_000_000
IDLE = -1

cancelling = asyncio.Task.cancelling
done = asyncio.Task.done
"""Called as functions: CPython 3.11 and 3.12 look methods of a C task up anew at each call."""


class Step:
    """What a loop does now: the piece of its step that runs, or nothing.

    There is one a loop, used again and again. A step is cut into pieces where one job ends or
    another begins in the middle of it; the times are the piece's own.

    Attributes:
        kind: Whether the piece begins the step or goes on with it.
        job: For which job it runs, or `NOBODY`.
        cause: The job to which what it schedules is due: its own, or the one of whose end a
            callback is told; `NOBODY` while nothing runs.
        ready_ns: Since when it could have begun.
        life: What is known of the task that runs; None for any other callback. An eager task that
            begins in the middle of a step is not the step's.
        start_ns: When it began; `IDLE` while nothing runs.
        waker: The job that made it ready, or `NOBODY`.
        due_ns: When the timer was due that is running instead of a step; 0 if none is.
        timer_ns: When that timer began to run; `IDLE` if none does.
    """

    __slots__ = (
        *("cause", "due_ns", "job", "kind", "life"),
        *("ready_ns", "start_ns", "timer_ns", "waker"),
    )

    def __init__(self) -> None:
        """Run nothing."""
        self.kind = STEP
        self.life: Life | None = None
        self.job = self.cause = self.waker = NOBODY
        self.start_ns = self.timer_ns = IDLE
        self.ready_ns = self.due_ns = 0

    def row_until(self, end_ns: int, detail: int) -> bytes:
        """Return the row of the piece that runs, which ends now."""
        return pack_row(
            self.kind, self.job, self.ready_ns, self.start_ns, end_ns, detail, self.waker
        )


class RecordedHandle(Handle):
    """A callback that records its run: who made it ready, and when."""

    __slots__ = ("ready_ns", "waker")

    _loop: "RecordingLoop"
    ready_ns: int
    waker: int

    def _run(self) -> None:
        """Run the callback and record it; every step of a program pays for each line of this."""
        loop = self._loop
        step, clock = loop.step, loop.clock
        callback, args = self._callback, self._args
        owner: Any = getattr(callback, "__self__", None)
        life = loop.lives.get(id(owner))
        if life is None and owner is not None:
            life = loop.adopt(owner)
        step.life = life
        if life is None:
            step.job = NOBODY
            step.cause = loop.job_that_ended(args)
        else:
            step.job = step.cause = life.job
        step.kind = STEP
        step.ready_ns = self.ready_ns
        step.waker = self.waker
        step.start_ns = clock()
        if life is not None and cancelling(owner) and not life.told:
            loop.note_cancellation(self, life)
        try:
            if args:
                self._context.run(callback, *args)
            else:
                self._context.run(callback)
        except BaseException as error:  # noqa: BLE001 - told as the base class tells it
            self._tell(error)
        end_ns = clock()
        if life is None:
            detail = NOTHING
        elif (waiter := owner._fut_waiter) is not None:
            detail = loop.wait_of(owner, waiter)
        elif done(owner):
            detail = loop.bury(owner, life)
        else:
            detail = YIELDED
        write = loop.write
        write(
            pack_row(step.kind, step.job, step.ready_ns, step.start_ns, end_ns, detail, step.waker)
        )
        step.start_ns = IDLE
        step.cause = NOBODY
        # as in Handle._run: a traceback may keep this frame, which must not keep the task
        callback = owner = waiter = None
        del args, self

    def _tell(self, error: BaseException) -> None:
        """Let the base class deal with an error, as if the callback had raised it in there."""
        self._context = cast("Context", _Raising(self, self._context, error))
        try:
            Handle._run(self)
        finally:
            del self, error


class _Raising:
    """What stands in once for the context of a handle whose callback has already failed."""

    def __init__(self, handle: Handle, context: Context, error: BaseException) -> None:
        self._handle = handle
        self._context = context
        self._error = error

    def run(self, callback: object, *args: object) -> None:  # noqa: ARG002
        handle, error = self._handle, self._error
        handle._context = self._context
        own_frame = error.__traceback__
        try:
            raise error.with_traceback(own_frame and own_frame.tb_next)
        finally:
            del self, handle, error, own_frame


class RecordedTimer(TimerHandle):
    """A timer whose wake-ups count as ready from the moment it was due."""

    __slots__ = ()

    _loop: "RecordingLoop"

    def _run(self) -> None:
        loop = self._loop
        step = loop.step
        step.due_ns = due_ns = int(self._when * NS_PER_S + 0.5)
        step.timer_ns = start_ns = loop.clock()
        TimerHandle._run(self)
        step.due_ns, step.timer_ns = 0, IDLE
        loop.write(
            pack_row(STEP, NOBODY, min(due_ns, start_ns), start_ns, loop.clock(), NOTHING, NOBODY)
        )
        del self


class RecordedReadiness(RecordedHandle):
    """One readiness of a file: the original handle is registered once and runs many times."""

    __slots__ = ("original",)

    original: Handle

    def _run(self) -> None:
        if not self.original.cancelled():
            super()._run()
        del self


RecordedHandle.__name__ = RecordedReadiness.__name__ = Handle.__name__
RecordedTimer.__name__ = TimerHandle.__name__
"""So that what asyncio's debug mode says of a handle reads as without recording."""
