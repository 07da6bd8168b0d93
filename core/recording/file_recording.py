"""A recording of this process into a file, from its start to its stop."""

import atexit
import contextlib
import os
import platform
import sys
import threading
import time
import weakref
from asyncio.events import _get_running_loop
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .cost import cost_per_event_ns
from .interference import CollectionWatch, thread_clocks
from .loop import record_loop
from .own_program import TaskRecording, recorded_program
from .recorder import Recorder
from .recording_file import MAGIC, SUFFIX, block, json_block
from .texts import MAX_NAME, bounded, shown, unseen
from .watch import StepWatch

LOOK_EVERY_S = 0.01
WRITE_EVERY_S = 0.2
END_LIMIT_S = 5.0
"""How long a stop waits for the thread that writes."""
MOST_LOOKED_THROUGH = 10_000
"""Of a loop with more callbacks and timers than that, it is not gathered whose task is ready."""


class ProcessRecording:
    """Records what the event loops and executors of this process do.

    It may begin before any loop runs or in one that runs, and be used once. A copy of the process
    that a fork makes records nothing. What becomes of the rows is a subclass's affair.
    """

    on_copy: Callable[[], object] | None = None
    """Called in a copy of the process, in which nothing is left of this recording."""

    def __init__(self, recorder: Recorder, command: Sequence[str], for_s: float | None) -> None:
        """Be about to record, for some seconds or until `stop`.

        `command` is how the program was started; what the interpreter says if it is empty.
        """
        self._failure: str | None = None
        self._command = list(command) or list(sys.argv) or ["?"]
        self._for_s = for_s
        self._until_s = float("inf")
        self._recorder = recorder
        self._watch = StepWatch(recorder)
        self._collections = CollectionWatch(recorder)
        self._stack = ExitStack()
        self._stopping = threading.Event()
        self._writing = threading.RLock()
        self._thread = threading.Thread(target=self._work, name="loopscope", daemon=True)
        self._is_open = False
        self._cpu_ns = 0

    @property
    def failure(self) -> str | None:
        """Why the recording ended early; None if it did not."""
        return self._failure or self._recorder.failure

    @property
    def jobs(self) -> int:
        """How many jobs have been recorded by now: tasks, and calls for executors."""
        return self._recorder.job_count

    @property
    def loops(self) -> list[Any]:
        """The recording loops that have begun to run and still exist, the first one first."""
        return self._recorder.loops

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to record.

        Raises:
            OSError: If the file cannot be written.
        """
        recorder = self._recorder
        self._open()
        self._cpu_ns = time.process_time_ns()
        self._is_open = True
        recorder.thread_clocks = thread_clocks()
        self._stack.enter_context(recorded_program(recorder))
        if (running := _get_running_loop()) is not None:
            recorder.joined = True
            record_loop(running, recorder, TaskRecording)
        self._collections.begin()
        if hasattr(os, "register_at_fork"):
            # weakly: what is registered there stays for the life of the process
            forget = weakref.WeakMethod(self._forget)
            os.register_at_fork(after_in_child=lambda: _call_if_there(forget))
        atexit.register(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """Record nothing more, and complete the file; a second call does nothing.

        It raises nothing: what fails in it is the recording's, not the program's.
        """
        self._stopping.set()
        atexit.unregister(self.stop)
        if self._thread.is_alive():
            self._thread.join(END_LIMIT_S)
        self._end()

    def flush(self) -> None:
        """Take over what has been recorded by now: the process may be gone in a moment."""
        try:
            with self._writing:
                if self._is_open:
                    self._gather()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._recorder.give_up(error)

    def _open(self) -> None:
        """Make ready for what will be gathered."""

    def _gather(self) -> None:
        """Take over what has been recorded; called five times a second."""
        raise NotImplementedError

    def _finish(self) -> None:
        """Complete what was gathered; called once, when nothing more is recorded."""
        raise NotImplementedError

    def _close(self) -> None:
        """Give back what `_open` opened."""

    def _look(self) -> None:
        """Look at what the loops do; called a hundred times a second."""
        self._watch.look()

    def _head(self, started_ns: int, **more: Any) -> bytes:
        return MAGIC + json_block(
            b"H",
            command=self._command,
            python=platform.python_version(),
            has_gil=getattr(sys, "_is_gil_enabled", lambda: True)(),
            pid=os.getpid(),
            started_ns=started_ns,
            **more,
        )

    def _ending(self, returned_ns: int, cost_per_event_ns: float, **more: Any) -> bytes:
        return json_block(
            b"E",
            returned_ns=returned_ns,
            cpu_ns=time.process_time_ns() - self._cpu_ns,
            lane_labels=self._recorder.lane_labels,
            recording_failure=self.failure,
            cost_per_event_ns=cost_per_event_ns,
            **more,
        )

    def _end(self) -> None:
        """Write what is known at the end, once."""
        try:
            with self._writing:
                if self._is_open:
                    self._is_open = False
                    self._finish()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._recorder.give_up(error)
            self._stop_recording()
            self._close()

    def _stop_recording(self) -> None:
        self._collections.end()
        self._stack.close()
        self._recorder.stop()
        self._close_clocks()

    def _close_clocks(self) -> None:
        if (clocks := self._recorder.thread_clocks) is not None:
            clocks.close()

    def _forget(self) -> None:
        """Record nothing in this process, which is a copy; the file is the other one's."""
        self._recorder.record_nothing()
        self._close_clocks()
        self._writing = threading.RLock()
        self._stopping.set()
        self._is_open = False
        if self.on_copy is not None:
            self._stop_recording()
            self.on_copy()

    def _work(self) -> None:
        """Look at what holds the loops, and gather what they did, until it is stopped."""
        recorder = self._recorder
        recorder.own_threads.add(threading.get_native_id())
        if self._for_s is not None:
            self._until_s = time.monotonic() + self._for_s
        write_s = 0.0
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self._look()
                if time.monotonic() >= write_s:
                    self._watch.read_delays()
                    self.flush()
                    write_s = time.monotonic() + WRITE_EVERY_S
            except Exception as error:  # noqa: BLE001 - the program must not see it
                recorder.give_up(error)
            if time.monotonic() >= self._until_s:
                self._stopping.set()
                self._end()

    def _loops(self) -> dict[str, Any]:
        """Return which event loops have run, and what is not known of them."""
        recorder = self._recorder
        return {
            "loops": sorted(recorder.loop_kinds),
            "unrecorded_loops": sorted(recorder.unrecorded_kinds),
            "joined": recorder.joined,
        }

    def _texts(self) -> dict[str, Any]:
        """Remove and return what has gathered of names, results and errors, by their jobs."""
        recorder = self._recorder
        errors = _drained(recorder.errors).items()
        return {
            "names": _drained(recorder.names),
            "coroutines": _drained(recorder.coroutines),
            "results": {n: shown(value, unseen) for n, value in _drained(recorder.results).items()},
            "errors": {n: (error.kind, error.message) for n, error in errors},
        }


class FileRecording(ProcessRecording):
    """Records what the event loops and executors of this process do, into a file.

    Attributes:
        path: Where the file is.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        command: Sequence[str] = (),
        for_s: float | None = None,
        process: Mapping[str, Any] | None = None,
    ) -> None:
        """Be about to record.

        Args:
            path: The file; it is made, or emptied if it exists.
            command: How the program was started; what the interpreter says if it is not given.
            for_s: For how long to record, in seconds; None until `stop`.
            process: What the file says of this process, as one of several of a program.
        """
        super().__init__(Recorder(indexed=False), command, for_s)
        self.path = Path(path)
        self._process = process
        self._is_kept = True

    def discard(self) -> None:
        """Record nothing more, and remove the file; it raises nothing, as `stop`."""
        self._is_kept = False
        self.stop()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _open(self) -> None:
        self._file = self.path.open("wb", buffering=0)
        try:
            of_several = {} if self._process is None else {"process": dict(self._process)}
            self._file.write(self._head(self._recorder.clock(), **of_several))
        except OSError:
            self._file.close()
            raise

    def _close(self) -> None:
        self._file.close()

    def _gather(self) -> None:
        self._try_to_write(self._new_blocks())

    def _finish(self) -> None:
        if not self._is_kept:
            self._stop_recording()
            self._close()
            return
        returned_ns = self._recorder.clock()
        new = self._new_blocks(last=True)
        self._stop_recording()
        self._try_to_write(new + self._ending(returned_ns, cost_without_a_loop()))
        with contextlib.suppress(OSError):
            self._file.close()

    def _new_blocks(self, *, last: bool = False) -> bytes:
        """Return what has gathered, and what is under way now, as blocks."""
        recorder = self._recorder
        name_newcomers(recorder)
        parcel = recorder.take()
        under_way = self._watch.snapshot(last=last, most=MOST_LOOKED_THROUGH)
        texts = json_block(
            b"T",
            at_ns=recorder.clock(),
            sites=parcel.sites,
            dropped_events=parcel.dropped_events,
            **self._loops(),
            **self._texts(),
        )
        # the rows behind the texts, of which they name the places
        return texts + block(b"R", parcel.events) + block(b"U", under_way)

    def _try_to_write(self, data: bytes) -> None:
        """Write; on a disk that is full the recording ends, and the program goes on."""
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self._failure = f"{self.path}: {error.strerror}"
            self._recorder.stop()
            self._is_open = False


def stem_of_program() -> str:
    """Return how the program is called: its script, or the package that `python -m` runs."""
    path = Path(sys.argv[0] if sys.argv else "")
    return (path.parent.name if path.stem == "__main__" else path.stem) or "recording"


def unused(stem: str) -> Path:
    """Return the first name of a file that does not exist: a recording replaces none before it."""
    path, number = Path(f"{stem}{SUFFIX}"), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}{SUFFIX}")
    return path


def cost_without_a_loop() -> float:
    """Return what an event costs, measured on programs that need a thread without a loop."""
    if _get_running_loop() is None:
        return cost_per_event_ns()
    found: list[float] = []
    measuring = threading.Thread(target=lambda: found.append(cost_per_event_ns()), daemon=True)
    measuring.start()
    measuring.join(END_LIMIT_S)
    return found[0] if found else 0.0


def name_newcomers(recorder: Recorder) -> None:
    """Read the names of tasks that came since the last time, and have not ended since."""
    newcomers = recorder.newcomers
    while newcomers:
        state = newcomers.pop()  # one call into C: the loops' threads add to it meanwhile
        task = state()
        if task is not None and not state.outcome:
            recorder.names[state.root] = bounded(task.get_name(), MAX_NAME)


def _call_if_there(method: "weakref.WeakMethod[Any]") -> None:
    if (found := method()) is not None:
        found()


def _drained(gathered: dict[int, Any]) -> dict[int, Any]:
    """Remove and return what has gathered; other threads may add to it meanwhile."""
    found: dict[int, Any] = {}
    while gathered:
        number, value = gathered.popitem()
        found[number] = value
    return found
