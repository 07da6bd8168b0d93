"""The recorded handles: the steps of the loop, each noting when it was due, began and ended."""

from asyncio.events import Handle, TimerHandle
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from core.recording.events import NOBODY, Kind, Then, pack_row

if TYPE_CHECKING:
    from core.recording.loop import RecordingLoop

STEP = int(Kind.STEP)
NOTHING = int(Then.NOTHING)
YIELDED = int(Then.YIELDED)
NS_PER_S = 1_000_000_000


class RecordedHandle(Handle):
    """A callback that records its run.

    `ready_ns` and `start_ns` are those of the piece of the step that runs now: a step is cut
    into pieces where one job ends or another begins in the middle of it. `cause` is the job to
    which what it schedules is due: its own, or the one of whose end a callback is told.
    """

    __slots__ = ("cause", "job", "kind", "ready_ns", "start_ns", "waker")

    _loop: "RecordingLoop"
    cause: int
    job: int
    kind: int
    ready_ns: int
    start_ns: int
    waker: int

    def __init__(
        self,
        callback: Callable[..., object],
        args: Sequence[Any],
        loop: "RecordingLoop",
        context: Context | None = None,
    ) -> None:
        """As the base class, of which debug mode is left to itself; every step pays for this."""
        if loop._debug:
            super().__init__(callback, args, loop, context)
            if self._source_traceback:
                del self._source_traceback[-1]
            return
        self._callback = callback
        self._args = args
        self._loop = loop
        self._context = copy_context() if context is None else context
        self._cancelled = False
        self._repr = None
        self._source_traceback = None

    def _run(self) -> None:
        loop = self._loop
        owner: Any = getattr(self._callback, "__self__", None)
        life = loop.lives.get(id(owner)) or loop.adopt(owner)
        self.kind = STEP
        if life is None:
            self.job = NOBODY
            self.cause = loop.job_that_ended(self._args)
        else:
            self.job = self.cause = life.job
        self.start_ns = loop.clock()
        if life is not None and not life.told and owner.cancelling():
            loop.note_cancellation(self, life)
        loop.current = self
        Handle._run(self)
        end_ns = loop.clock()
        loop.current = None
        if life is None:
            detail = NOTHING
        elif owner.done():
            detail = loop.bury(owner, life)
        elif (waiter := owner._fut_waiter) is None:
            detail = YIELDED
        else:
            detail = loop.wait_of(owner, waiter)
        loop.write(
            pack_row(self.kind, self.job, self.ready_ns, self.start_ns, end_ns, detail, self.waker)
        )
        # as in Handle._run: a traceback may keep this frame, which must not keep the task
        owner = waiter = None
        del self


class RecordedTimer(TimerHandle):
    """A timer whose wake-ups count as ready from the moment it was due."""

    __slots__ = ()

    _loop: "RecordingLoop"

    def _run(self) -> None:
        loop = self._loop
        due_ns = int(self._when * NS_PER_S + 0.5)
        loop.due_ns = due_ns
        start_ns = loop.clock()
        TimerHandle._run(self)
        loop.due_ns = 0
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
