"""The watch: looks from another thread at what holds the event loops, and at what has not ended."""

import gc
import sys
from collections.abc import Callable
from operator import call
from types import FrameType
from typing import Any, cast

from .events import DETAIL_BITS, KIND_BITS, NOBODY, Kind
from .recorder import JobLoop, Recorder
from .sites import NO_SITE
from .under_way import ready_rows, running_step, step_row

LOOK_AFTER_NS = 8_000_000
"""A little less than what is drawn as blocking, so that a step just above it is seen, too."""
REST = 20
"""After who could run was gathered, so many times as long passes until it is again.

The watch has the GIL meanwhile, and ten thousand jobs take it some ten milliseconds. The same goes
for the clocks of many threads.
"""


class StepWatch:
    """Notes the line at which a step holds a loop, and what is under way, when it is told to look.

    The step itself is not touched: its thread's stack is read while this thread has the GIL.
    Source: `sys._current_frames`, as sampling profilers written in Python use it.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._ready: dict[int, tuple[int, bytes]] = {}
        self._rest_until_ns = self._clocks_rest_until_ns = 0

    def look(self) -> None:
        """Record where the running step of each loop is, if it has held the loop for long."""
        recorder = self._recorder
        for loop in recorder.loops:
            step, now_ns = running_step(loop), recorder.clock()
            if step is None or now_ns - step.start_ns < LOOK_AFTER_NS:
                continue
            site = recorder.sites.of_running(frame_of(loop.thread))
            now = running_step(loop)
            if site and now is not None and now.start_ns == step.start_ns:
                kind = loop.lane << KIND_BITS | Kind.HELD
                in_call = loop.turns is not None and loop.turns.waits_in_call()
                detail = site << DETAIL_BITS
                recorder.append((kind, step.job, int(in_call), now_ns, now_ns, detail, NOBODY))
                self._look_at_clocks(loop, now_ns)

    def _look_at_clocks(self, loop: JobLoop, now_ns: int) -> None:
        if loop.turns is not None and now_ns >= self._clocks_rest_until_ns:
            loop.turns.record()
            took_ns = self._recorder.clock() - now_ns
            self._clocks_rest_until_ns = now_ns + REST * took_ns

    def read_delays(self) -> None:
        """Read how long each thread has waited for a processor by now, for turns that begin."""
        clocks = self._recorder.thread_clocks
        if clocks is not None:
            clocks.read_delays()

    def snapshot(self, *, last: bool = False, most: int | None = None) -> bytes:
        """Return rows of the steps under way, and of the jobs that long ones keep from running.

        Args:
            last: Whether the process ends now: who could run is gathered, whatever it takes.
            most: Of so many callbacks and timers at most; of a loop with more, nobody is ready.
        """
        loops = self._recorder.loops
        return b"".join(self._under_way(loop, last=last, most=most) for loop in loops)

    def _under_way(self, loop: JobLoop, *, last: bool, most: int | None) -> bytes:
        recorder, lane = self._recorder, loop.lane
        step, now_ns = running_step(loop), recorder.clock()
        if step is None:
            self._ready.pop(lane, None)
            return b""
        lasts_long = now_ns - step.start_ns >= LOOK_AFTER_NS
        site = recorder.sites.of_running(frame_of(loop.thread)) if last else NO_SITE
        rows = step_row(step, site)
        if loop.turns is not None and last:
            rows += loop.turns.row()
        if last or (lasts_long and now_ns >= self._rest_until_ns):
            self._ready[lane] = step.start_ns, ready_rows(loop, lane, now_ns, most)
            took_ns = recorder.clock() - now_ns
            self._rest_until_ns = now_ns + REST * took_ns
        of_step, ready = self._ready.get(lane, (0, b""))
        return rows + ready if of_step == step.start_ns else rows


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
