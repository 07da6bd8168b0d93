"""What runs in a program to which `loopscope attach` has attached, and leaves it as it was.

A loop that runs is made a recording one in a callback of its own, between two steps; so it is given
back. What the program holds by then keeps working: timers record into nothing, and so do tasks that
were made meanwhile, whose type is a subclass of `asyncio.Task` to their end.
"""

import asyncio
import atexit
import gc
import sys
import threading
from asyncio.events import Handle, TimerHandle, _get_running_loop
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

from .file_recording import FileRecording
from .handles import RecordedHandle, RecordedReadiness, ThreadSafeRecordedHandle, TrackedTimer
from .loop import LoopRecording, is_recorded, record_loop
from .own_program import TaskRecording
from .uv_loops import UvRecording

OF_RECORDING = (
    *("recorder", "lane", "turns", "_has_lane", "_sites", "holders", "_from_executors"),
    *("_python_task_states", "_forget", "_forget_of_python", "_interrupted"),
)
"""What a recording loop has besides its `step`, of which timers that it has set still ask."""
_RECORDED = (RecordedHandle, ThreadSafeRecordedHandle)


class AttachedRecording(FileRecording):
    """A recording that gives each loop back at its end, and says how it goes in a file."""

    def __init__(self, path: str, for_s: float, status: str) -> None:
        """Be about to record; where a file `stop` stands beside the status, the recording ends."""
        super().__init__(path, for_s=for_s)
        self._status = Path(status)

    def say(self, word: str, text: object = "") -> None:
        """Tell whoever has attached, who may have gone."""
        with suppress(OSError), self._status.open("a", encoding="utf-8") as file:
            file.write(f"{word} {text}\n")

    def begin(self) -> None:
        """Begin to record the loops that run; called between two steps of the main thread's."""
        try:
            self.start()
        except OSError as error:
            self.say("failed", f"{self.path}: {error.strerror}")
            return
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.say("failed", f"{type(error).__name__}: {error}")
            return
        self.say("began")
        here = _get_running_loop()
        for loop in loops_that_run():
            if loop is not here:
                self._recorder.joined = True
                record = partial(record_loop, loop, self._recorder, TaskRecording)
                _in_loop(loop, partial(self._try, record))

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._recorder.give_up(error)

    def _gather(self) -> None:
        super()._gather()
        if self._status.with_name("stop").exists():
            self._until_s = 0.0

    def _finish(self) -> None:
        super()._finish()
        atexit.unregister(self.stop)
        for loop in self._recorder.loops:
            # what one of uvloop's has in its queue records into nothing, and is out of reach
            if isinstance(loop, LoopRecording) and not isinstance(loop, UvRecording):
                if loop.is_running():
                    _in_loop(loop, partial(self._try, partial(release, loop)))
                else:
                    release(loop)
        self.say("ended", self.failure or "")
        self.say("jobs", self.jobs)


def loops_that_run() -> list[Any]:
    """Return asyncio's own loops that run in any thread of this process."""
    # Only with threads are there others than the one at hand: a collection's list may be long.
    if threading.active_count() == 1:
        return []
    loops = [each for each in gc.get_objects() if issubclass(type(each), asyncio.BaseEventLoop)]
    return [loop for loop in loops if loop._thread_id is not None]


def _in_loop(loop: Any, act: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # it was closed meanwhile
        loop.call_soon_threadsafe(act)


def release(loop: Any) -> None:
    """Make a recording loop what it was; called in its own thread, or while it does not run."""
    recorded_s = loop.time()
    loop.__class__ = type(loop).__bases__[1]  # see `recording_class`
    ahead_s = loop.time() - recorded_s
    for timer in loop._scheduled:
        timer._when += ahead_s
        _untracked(timer)
    # in place: other threads may append, and `_run_once` has counted what is there
    for place in range(len(loop._ready)):
        loop._ready[place] = _released(loop._ready[place], loop)
    for name in OF_RECORDING:
        loop.__dict__.pop(name, None)


def _released(handle: Any, loop: Any) -> Any:
    if isinstance(handle, RecordedReadiness):
        return handle.original
    _untracked(handle)
    return ReleasedHandle(handle, loop) if isinstance(handle, _RECORDED) else handle


def _untracked(timer: Any) -> None:
    """Make a timer that was set before what it was; one that was set meanwhile has slots more."""
    if type(timer) is TrackedTimer:
        cast("Any", timer).__class__ = TimerHandle


class ReleasedHandle(Handle):
    """Stands in a loop's queue for a handle that records, which the program may cancel."""

    __slots__ = ("original",)

    original: Handle

    def __init__(self, original: Handle, loop: Any) -> None:
        super().__init__(original._run, (), loop, original._context)
        self.original = original

    def _run(self) -> None:
        if not self.original._cancelled:
            own = next(
                kind for kind in type(self.original).__mro__ if kind.__module__ == "asyncio.events"
            )
            own._run(self.original)


def begin(path: str, for_s: float, status: str) -> None:
    """Begin to record this process; called anywhere in its main thread, in the midst of a step."""
    recording = AttachedRecording(path, for_s, status)
    if is_recorded():
        recording.say("failed", "it is recorded already")
        return
    here = _get_running_loop()
    if here is None:
        recording.begin()
    else:
        # Between two steps, and as from a signal's handler: this stands in the midst of one.
        _in_loop(here, recording.begin)
    forget_modules()


def forget_modules() -> None:
    """Leave no module of this package behind under the name that it was mounted with."""
    package = __name__.rpartition(".")[0]
    for name in [each for each in sys.modules if each == package or each.startswith(f"{package}.")]:
        del sys.modules[name]
