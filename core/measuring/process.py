"""The parent's end of one measuring child: its process and the two pipes.

Where a pipe can be waited for (`poll`), the thread that follows a run reads it. On Windows only a
read can wait, so there each pipe has a thread that reads ahead.
"""

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol

from core.errors import ZygoteLost
from core.measuring.resources import pipe
from core.measuring.wire import STOP, Frames, Tag, command
from core.processes import KILLED, ROOT, apart, environment, kill_tree

STOP_GRACE_S = 0.3
EXIT_GRACE_S = 2.0
KILLED_LIMIT_S = 5.0
"""A process that was killed is gone at once, unless the system itself is stuck over it."""
READ_BYTES = 1 << 16
READ_AHEAD_S = 1.0


class Process(Protocol):
    """What a process must offer, as `subprocess.Popen` does."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """Return its exit code; None while it lives."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended, or raise `TimeoutExpired`."""


Start = Callable[[int, int], Process]
"""Starts a measuring child with its ends of the pipes for commands and events."""


def _interpreter(module: str, commands: int, events: int) -> Process:
    return subprocess.Popen(  # noqa: S603 - our own module, no input in it
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment(),
        stdin=commands,
        stdout=events,
        stderr=subprocess.DEVNULL,
        **apart(),
    )


class EventPipe:
    """The parent's end of the pipe for events."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._read_ahead: SimpleQueue[bytes] = SimpleQueue()
        if sys.platform == "win32":
            threading.Thread(target=self._read_all, name="events", daemon=True).start()
        else:
            self._waiting = select.poll()  # which, unlike `select`, takes descriptors beyond 1,023
            self._waiting.register(descriptor, select.POLLIN)

    def read(self, wait_s: float, *, ended: bool) -> bytes | None:
        """Return what has come: nothing at the end, None where nothing comes for `wait_s`.

        Of a process that has `ended` all is there already; a thread may need a moment to read it.
        """
        if sys.platform != "win32":
            return (
                os.read(self._descriptor, READ_BYTES) if self._waiting.poll(wait_s * 1e3) else None
            )
        with suppress(Empty):
            return self._read_ahead.get(timeout=READ_AHEAD_S if ended else wait_s)
        return None

    def close(self) -> None:
        """Close the descriptor; a thread that reads it does so at the end of the stream."""
        if sys.platform != "win32":
            os.close(self._descriptor)

    def _read_all(self) -> None:
        while data := os.read(self._descriptor, READ_BYTES):
            self._read_ahead.put(data)
        self._read_ahead.put(b"")
        os.close(self._descriptor)


class ChildProcess:
    """A measuring child: started warm, used once, always brought to an end by its owner.

    It is started apart, so that whatever it started can be ended with it. What reaches its
    standard output past Python's own streams is dropped: the transcript has the rest.
    """

    def __init__(self, module: str = "core.measuring.child", *, start: Start | None = None) -> None:
        """Start the process; it warms up while nobody waits for it.

        Args:
            module: What it runs; tests have a child of their own, whose workloads misbehave.
            start: Starts it in another way than as a fresh interpreter.
        """
        commands_end, self._commands = pipe()
        events, events_end = pipe()
        try:
            self._process = (start or partial(_interpreter, module))(commands_end, events_end)
        except OSError:
            os.close(self._commands)
            os.close(events)
            raise
        finally:
            os.close(commands_end)
            os.close(events_end)
        self._events = EventPipe(events)
        self._commands_lock = threading.Lock()
        self._open = True

    @property
    def pid(self) -> int:
        """The process's id, which is also that of its group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    @property
    def zygote_lost(self) -> ZygoteLost | None:
        """How the zygote was lost, if the process was ended because of that."""
        return getattr(self._process, "zygote_lost", None)

    def send(self, body: bytes) -> None:
        """Send a command; a child that is gone is noticed where its frames are read."""
        with self._commands_lock:
            if not self._open:
                return
            # Windows says EINVAL where nobody reads any more; Python knows it as OSError only.
            with suppress(OSError):
                os.write(self._commands, command(body))

    def frames(self, wait_s: float) -> Iterator[tuple[Tag, bytes] | None]:
        """Yield frames as they come, and None whenever none came for `wait_s`, until the end.

        The end is the child's: a worker that outlives it may still hold the pipe open.
        """
        frames = Frames()
        while True:
            # Asked before the pipe is looked at: what an ended child has written is all there.
            lives = self.is_alive
            data = self._events.read(wait_s, ended=not lives)
            if data:
                yield from frames.feed(data)
            elif data is None and lives:
                yield None
            else:
                return

    def exit_code(self) -> int:
        """Wait for the process's end, force it if need be, and return its exit code."""
        return self._ended_within(EXIT_GRACE_S)

    def stop(self) -> None:
        """End the process and all that it started, within half a second."""
        self.send(STOP)
        self._ended_within(STOP_GRACE_S)

    def close(self) -> None:
        """End the process if need be and let go of the pipes; for the reader of its frames."""
        with self._commands_lock:
            if not self._open:
                return
            self._open = False
            os.close(self._commands)
        self._ended_within(STOP_GRACE_S)
        self._events.close()

    def _ended_within(self, grace_s: float) -> int:
        try:
            code = self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            kill_tree(self.pid)
            code = self._code_once_killed()
        kill_tree(self.pid)  # a child that ended by itself may have left processes of the program
        return code

    def _code_once_killed(self) -> int:
        try:
            return self._process.wait(KILLED_LIMIT_S)
        except subprocess.TimeoutExpired:
            return KILLED
