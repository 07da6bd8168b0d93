"""The watch: looks from another thread at what holds the event loop for long."""

import gc
import sys
from collections.abc import Callable
from operator import call
from types import FrameType
from typing import Any, cast

from core.recording.events import DETAIL_BITS, NOBODY, Kind
from core.recording.recorder import Recorder

LOOK_AFTER_NS = 8_000_000
"""A little less than what is drawn as blocking, so that a step just above it is seen, too."""


class StepWatch:
    """Notes the line at which a step holds the loop, each time that it is told to look.

    The step itself is not touched: its thread's stack is read while this thread has the GIL.
    Source: `sys._current_frames`, as sampling profilers written in Python use it.
    """

    def __init__(self, recorder: Recorder) -> None:
        """Watch the loop of a recorder."""
        self._recorder = recorder

    def look(self) -> None:
        """Record where the running step is, if it has held the loop for long."""
        recorder = self._recorder
        loop = recorder.loop
        if loop is None:
            return
        step = loop.step
        began_ns, now_ns = step.start_ns, recorder.clock()
        if began_ns < 0 or now_ns - began_ns < LOOK_AFTER_NS:
            return
        site = recorder.sites.of_running(frame_of(loop.thread))
        if site and step.start_ns == began_ns:
            detail = site << DETAIL_BITS
            recorder.append((Kind.HELD, step.job, 0, now_ns, now_ns, detail, NOBODY))


def frame_of(thread: int) -> FrameType | None:
    """Return what a thread is doing now; None if there is no such thread.

    `sys._current_frames` holds a lock that starting a thread takes, and freeing a
    `threading.local`. Before Python 3.12 a garbage collection may begin in it, and then wait for
    that lock for ever; so there is none until the frames are there. No other thread comes in
    between: `map` calls all three from C.
    Source: https://github.com/python/cpython/issues/106883.
    """
    if sys.version_info >= (3, 12) or not gc.isenabled():
        return sys._current_frames().get(thread)  # noqa: SLF001
    calls: tuple[Callable[[], Any], ...] = (gc.disable, sys._current_frames, gc.enable)  # noqa: SLF001
    _, frames, _ = map(call, calls)
    return cast("FrameType | None", frames.get(thread))
