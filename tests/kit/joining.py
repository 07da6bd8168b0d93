"""Threads that end at one exact moment of the virtual clock: when the loop goes to sleep."""

import threading
from collections.abc import Callable

from core.patterns import PATTERNS
from core.recording.loop import RecordingLoop
from tests.kit.laws import assert_laws
from tests.kit.virtual import (
    KeepingRecorder,
    Ran,
    Ready,
    VirtualClock,
    VirtualSelector,
    run_here,
)

LIMIT_S = 30.0
WORK_S = 0.2


class JoiningSelector(VirtualSelector):
    """Before it would sleep for the first time, it lets threads do their work, and time pass."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.may_work = threading.Event()

    def select(self, timeout: float | None = None) -> Ready:
        """Return what is ready once all threads have ended; then as the base class."""
        if timeout != 0 and not self.may_work.is_set():
            self._clock.move(round(WORK_S * 1e9))
            self.may_work.set()
            for thread in threading.enumerate():
                if "(work)" in thread.name:
                    thread.join(LIMIT_S)
            timeout = None if timeout is None else max(0.0, timeout - WORK_S)
        return super().select(timeout)


def run_with_threads(pattern: str, count: int, *, failing: int | None = None) -> Ran:
    """Run a pattern whose threads work for `WORK_S`; one that is named by its index fails."""
    clock = VirtualClock()
    selector = JoiningSelector(clock)

    def job(index: int) -> str:
        assert selector.may_work.wait(LIMIT_S)
        if index == failing:
            raise RuntimeError(index)
        return f"job {index + 1}"

    make_loop: Callable[..., RecordingLoop] = lambda recorder: RecordingLoop(recorder, selector)  # noqa: E731
    recorder = KeepingRecorder(clock=clock)
    ran = run_here(PATTERNS[pattern], job, count, recorder=recorder, make_loop=make_loop)
    assert_laws(ran.timeline, jobs=count)
    return ran
