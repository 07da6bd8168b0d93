"""Cancellations: when a task was told that it is cancelled, and by whom."""

import asyncio
import sys
from asyncio import runners, taskgroups, timeouts
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from .events import NOBODY, UNKNOWN, Canceller

if TYPE_CHECKING:
    from .handles import Step
    from .loop import RecordingLoop

LOOKED_THROUGH = 8
"""How many frames lie at most between `Task.cancel` and the code of asyncio that cancels."""
_AT_THE_END = runners._cancel_all_tasks.__code__  # type: ignore[attr-defined]  # noqa: SLF001

By = tuple[Canceller, int]
"""Who cancelled, and the job that did, or whose timer or group it was; `NOBODY` if none."""
BY_UNKNOWN: By = (Canceller.UNKNOWN, NOBODY)


class RecordedTask(asyncio.Task[Any]):
    """A task that tells its loop when it is cancelled; it has nothing else of its own.

    The moment of `cancel` leaves no trace in a task that is ready anyway, and methods of the C
    type cannot be replaced, so only a subclass sees it.
    """

    __slots__ = ()

    def cancel(self, msg: Any = None) -> bool:
        """As the base class."""
        loop = cast("RecordingLoop", self.get_loop())
        at_ns = loop.now_or_zero()
        is_first = not self.cancelling()
        taken = super().cancel(msg)
        if taken:
            loop.note_cancellation(self, at_ns, is_first=is_first)
        return taken

    def uncancel(self) -> int:
        """As the base class."""
        left = super().uncancel()
        if not left:
            cast("RecordingLoop", self.get_loop()).note_uncancellation(self)
        return left


RecordedTask.__name__ = RecordedTask.__qualname__ = asyncio.Task.__name__
RecordedTask.__module__ = asyncio.Task.__module__
"""So that a task's `repr` and its type read as without recording."""


def canceller(running: "RecordingLoop | None", *, in_program: bool) -> By:
    """Return who is cancelling a task just now.

    Args:
        running: The recording loop that runs in this thread, if one does.
        in_program: Whether this is the thread in which the program was started.
    """
    by_asyncio = _code_of_asyncio()
    if running is None:
        if by_asyncio is not None and by_asyncio.f_code is _AT_THE_END:
            return Canceller.RUN, NOBODY
        return (Canceller.PATTERN, NOBODY) if in_program else BY_UNKNOWN
    return _in_step(running, running.step, by_asyncio)


def _in_step(loop: "RecordingLoop", step: "Step", by_asyncio: FrameType | None) -> By:
    if step.timer_of is not None:
        return BY_UNKNOWN if step.timer_of == UNKNOWN else (Canceller.TIMEOUT, step.timer_of)
    failed = step.told if step.task is None else None
    if failed is not None and failed.root != NOBODY:
        return Canceller.JOB, failed.root
    if by_asyncio is not None and by_asyncio.f_code.co_filename == timeouts.__file__:
        return Canceller.TIMEOUT, step.cause
    if by_asyncio is not None and by_asyncio.f_code.co_filename == taskgroups.__file__:
        return Canceller.GROUP, _owner_of_group(loop, by_asyncio)
    if step.cause != NOBODY:
        return Canceller.JOB, step.cause
    return BY_UNKNOWN if step.task is None and failed is None else (Canceller.PATTERN, NOBODY)


def _owner_of_group(loop: "RecordingLoop", frame: FrameType) -> int:
    group = frame.f_locals.get("self")
    state = loop.state_of(getattr(group, "_parent_task", None))
    return NOBODY if state is None else state.cause


def _code_of_asyncio() -> FrameType | None:
    """Return the frame of asyncio's own code that cancels, if it is one of those that are known."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
    for _ in range(LOOKED_THROUGH):
        if frame is None:
            return None
        code = frame.f_code
        if code is _AT_THE_END or code.co_filename in (timeouts.__file__, taskgroups.__file__):
            return frame
        frame = frame.f_back
    return None
