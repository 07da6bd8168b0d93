"""The parent's end of one measuring child: its process and the two pipes."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Protocol

from core.errors import ZygoteLost
from core.measuring.resources import pipe
from core.measuring.wire import STOP, Frames, Tag
from core.processes import ROOT, environment

STOP_GRACE_S = 0.3
EXIT_GRACE_S = 2.0
KILLED_LIMIT_S = 5.0
"""A process that was killed is gone at once, unless the system itself is stuck over it."""
READ_BYTES = 1 << 16


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
        [sys.executable, "-m", module, str(commands), str(events)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(commands, events),
        start_new_session=True,  # a group of its own, which `killpg` can end with all in it
    )


class ChildProcess:
    """A measuring child: started warm, used once, always brought to an end by its owner.

    It leads a session of its own, so that whatever it started can be ended with it. What reaches
    its standard output past Python's own streams is dropped: the transcript has the rest.
    """

    def __init__(self, module: str = "core.measuring.child", *, start: Start | None = None) -> None:
        """Start the process; it warms up while nobody waits for it.

        Args:
            module: What it runs; tests have a child of their own, whose workloads misbehave.
            start: Starts it in another way than as a fresh interpreter.
        """
        commands_end, commands = pipe()
        self._commands = Connection(commands, readable=False)
        self._events, events_end = pipe()
        try:
            self._process = (start or partial(_interpreter, module))(commands_end, events_end)
        except OSError:
            self._commands.close()
            os.close(self._events)
            raise
        finally:
            os.close(commands_end)
            os.close(events_end)
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

    def send(self, command: bytes) -> None:
        """Send a command; a child that is gone is noticed where its frames are read."""
        with self._commands_lock:
            if not self._open:
                return
            try:
                self._commands.send_bytes(command)
            except BrokenPipeError:
                return

    def frames(self, wait_s: float) -> Iterator[tuple[Tag, bytes] | None]:
        """Yield frames as they come, and None whenever none came for `wait_s`, until the end.

        The end is the child's: a worker that outlives it may still hold the pipe open.
        """
        frames = Frames()
        waiting = select.poll()  # which, unlike `select`, takes descriptors beyond 1,023
        waiting.register(self._events, select.POLLIN)
        while True:
            # Asked before the pipe is looked at: what an ended child has written is all there.
            lives = self.is_alive
            if waiting.poll(wait_s * 1_000):
                data = os.read(self._events, READ_BYTES)
                if not data:
                    return
                yield from frames.feed(data)
            elif not lives:
                return
            else:
                yield None

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
            self._commands.close()
        self._ended_within(STOP_GRACE_S)
        os.close(self._events)

    def _ended_within(self, grace_s: float) -> int:
        try:
            code = self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._kill_group()
            code = self._code_once_killed()
        self._kill_group()  # a child that ended by itself may have left processes of the program
        return code

    def _code_once_killed(self) -> int:
        try:
            return self._process.wait(KILLED_LIMIT_S)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
