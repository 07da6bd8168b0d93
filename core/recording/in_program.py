"""Recording from within a program: a block, a coroutine function, or from a start to a stop.

A process has one recording at a time. Where there is one already, as under `loopscope record`, that
one has everything; a second one warns, and records nothing.
"""

import asyncio
import inspect
import os
import sys
import threading
import warnings
from asyncio.events import _get_running_loop
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from .file_recording import FileRecording, stem_of_program, unused
from .loop import is_recorded
from .trio_tasks import TrioRun

Function = TypeVar("Function", bound=Callable[..., Coroutine[Any, Any, Any]])
SLOW_STEP = "LOOPSCOPE_SLOW_STEP_MS"
_started: list["Block"] = []


class Block:
    """Records what the process does in a `with` block, or in the calls of a coroutine function."""

    def __init__(self, path: str | Path | None) -> None:
        self._path = path
        self._recording: FileRecording | None = None

    @property
    def path(self) -> Path | None:
        """Where the recording is; None before it began, or if it is part of another one."""
        return None if self._recording is None else self._recording.path

    @property
    def failure(self) -> str | None:
        """Why the recording ended early; None if it did not."""
        return None if self._recording is None else self._recording.failure

    def begin(self) -> None:
        """Begin to record.

        Raises:
            OSError: If the file cannot be written.
        """
        if is_recorded():
            message = "this process is recorded already: no second recording is made"
            warnings.warn(message, RuntimeWarning, stacklevel=3)
            return
        path = unused(stem_of_program()) if self._path is None else self._path
        recording = FileRecording(path)
        recording.start()
        self._recording = recording

    def end(self) -> None:
        """Complete the file."""
        if self._recording is not None:
            self._recording.stop()

    def end_with(self, coroutine: Any) -> None:
        """Complete the file once a task of trio that runs just a coroutine has ended; or else now.

        It is called in the last step of that coroutine.
        """
        recording, thread = self._recording, threading.get_ident()
        for loop in [] if recording is None else recording.loops:
            is_here = isinstance(loop, TrioRun) and loop.thread == thread
            if is_here and loop.after_this_step(coroutine, self.end):
                return
        self.end()

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    def __call__(self, function: Function) -> Function:
        """Return a coroutine function whose calls are recorded, each in a file of its own."""

        # From the call on, and not from its first step: then the task that runs it is recorded
        # whole, unless its loop runs already.
        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            block = Block(self._path)
            coroutine = function(*args, **named)
            try:
                block.begin()
            except BaseException:
                coroutine.close()
                raise
            return _recorded(block, coroutine)

        _mark_as_coroutine_function(call)
        return call  # type: ignore[return-value]


@overload
def record(target: str | Path | None = None) -> Block: ...
@overload
def record(target: Function) -> Function: ...
def record(target: Any = None) -> Any:
    """Record what the event loops and executors of this process do.

    >>> with record("run.loopscope"):  # doctest: +SKIP
    ...     asyncio.run(main())
    >>> asyncio.run(record(main)())  # doctest: +SKIP

    Args:
        target: The file, replaced if it exists; or a coroutine function of which each call is
            recorded. Without a file, one is made that is named after the program.
    """
    return Block(None)(target) if inspect.iscoroutinefunction(target) else Block(target)


def start(path: str | Path | None = None) -> Block:
    """Begin to record, until `stop` or the end of the process; also in a loop that runs already.

    Raises:
        OSError: If the file cannot be written.
    """
    block = Block(path)
    block.begin()
    _started.append(block)
    return block


def stop() -> Path | None:
    """End what `start` began last and return where the recording is; None if there is none."""
    if not _started:
        return None
    block = _started.pop()
    block.end()
    return block.path


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a loop as asyncio makes it, in a process with a flight recorder from now on.

    It is for servers that take a factory: `uvicorn app:app --loop loopscope:new_event_loop`. A cut
    of the last 10 s is written at SIGUSR2 and, where `LOOPSCOPE_SLOW_STEP_MS` is set, of a step
    that holds its loop for so long; a line on standard error names its file.
    """
    if not is_recorded():
        from .flight_recorder import FlightRecorder  # noqa: PLC0415 - most programs need none

        FlightRecorder(
            # servers start several processes of a kind
            stem=f"{stem_of_program()}-{os.getpid()}",
            slow_step_ms=_slow_step_ms(),
            at_exit=False,
            on_cut=_say_cut,
        ).start()
    return asyncio.new_event_loop()


def _slow_step_ms() -> float | None:
    """Return from when on a step is slow; end the server in one line if that makes no sense."""
    text = os.environ.get(SLOW_STEP)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        sys.exit(f"loopscope: {SLOW_STEP} is {text!r}; it must be a number of milliseconds above 0")
    return value


def _say_cut(path: Path, why: str) -> None:
    with suppress(OSError, ValueError, AttributeError):
        print(f"loopscope: {why}: the last seconds are in {path}", file=sys.stderr)  # noqa: T201


def _recorded(block: Block, coroutine: Any) -> Any:
    """Return a coroutine that does what another one does, and then ends its recording."""

    async def run() -> Any:
        try:
            return await coroutine
        finally:
            task = None if _get_running_loop() is None else asyncio.current_task()
            if task is not None and task.get_coro() is running:
                # once its last step is recorded, and what it returns
                task.add_done_callback(lambda _task: block.end())
            else:
                block.end_with(running)

    running: Any = run()
    running.__name__, running.__qualname__ = coroutine.__name__, coroutine.__qualname__
    return running


def _mark_as_coroutine_function(function: Any) -> None:
    """Let `inspect` take a function for what it returns, where it can be told (Python 3.12+)."""
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(function)
