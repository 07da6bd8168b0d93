"""The watch: looks from another thread at what holds the event loop for long."""

import sys

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
        site = recorder.sites.of_running(sys._current_frames().get(loop.thread))  # noqa: SLF001
        if site and step.start_ns == began_ns:
            detail = site << DETAIL_BITS
            recorder.append((Kind.HELD, step.job, 0, now_ns, now_ns, detail, NOBODY))
