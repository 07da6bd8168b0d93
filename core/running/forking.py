"""The parent's end of the zygote: asks it for processes and hears when they end."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from core.running.descriptors import packet_sockets
from core.running.zygote import REPORT, REQUEST, Report

ROOT = Path(__file__).resolve().parents[2]
FORK_LIMIT_S = 10.0
END_LIMIT_S = 5.0
CAN_FORK = sys.platform == "linux"
"""Elsewhere there are no sockets of packets, or forks that are not safe."""


class ForkedProcess:
    """A process that the zygote has forked; what one needs of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        """Stand for a process that has just begun."""
        self.pid = pid
        self._code: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while the process lives."""
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once the process has ended.

        Raises:
            TimeoutExpired: If that takes longer than `timeout` seconds.
        """
        if not self._ended.wait(timeout) or self._code is None:
            raise subprocess.TimeoutExpired("measuring child", timeout or 0.0)
        return self._code

    def note_end(self, code: int) -> None:
        """Take note that the process has ended."""
        self._code = code
        self._ended.set()


class _Request:
    """A child that is asked for."""

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.process: ForkedProcess | None = None
        self.error = 0

    def answer(self, process: ForkedProcess | None, error: int = 0) -> None:
        self.process, self.error = process, error
        self.answered.set()

    def result(self) -> ForkedProcess:
        if self.answered.wait(FORK_LIMIT_S) and self.process is not None:
            return self.process
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        raise ChildProcessError("the process that starts measuring processes has ended")


class _Line:
    """One zygote, from its start to its end, and the thread that listens to it."""

    def __init__(self) -> None:
        self._socket, theirs = packet_sockets()
        with theirs:
            self._zygote = subprocess.Popen(  # noqa: S603 - our own module, no input in it
                [sys.executable, "-m", "core.running.zygote", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._numbers = itertools.count()
        self._requests: dict[int, _Request] = {}
        self._processes: dict[int, ForkedProcess] = {}
        self._lock = threading.Lock()
        self._gone = False
        self._listener = threading.Thread(target=self._listen, name="zygote", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._zygote.pid

    @property
    def is_up(self) -> bool:
        return not self._gone

    def request(self, commands: int, events: int) -> ForkedProcess:
        request = _Request()
        with self._lock:
            number = next(self._numbers)
            self._requests[number] = request
        try:
            socket.send_fds(self._socket, [REQUEST.pack(number)], [commands, events])
            return request.result()
        finally:
            with self._lock:
                self._requests.pop(number, None)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self._listener.join(END_LIMIT_S)

    def _listen(self) -> None:
        with self._socket:
            while message := self._received():
                self._take(*REPORT.unpack(message))
        with self._lock:
            self._gone = True
            left = list(self._processes.values())
            for request in self._requests.values():
                request.answer(None)
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.note_end(-signal.SIGKILL)
        self._zygote.wait()

    def _received(self) -> bytes:
        try:
            return self._socket.recv(REPORT.size)
        except OSError:
            return b""

    def _take(self, report: int, number: int, about: int) -> None:
        with self._lock:
            if report == Report.ENDED:
                self._processes.pop(number).note_end(about)
                return
            request = self._requests.get(number)
            process = ForkedProcess(about) if report == Report.FORKED else None
            if process is not None:
                self._processes[about] = process
            if request is not None:
                request.answer(process, 0 if process else about)


class Forking:
    """Starts measuring children by a zygote, which is started again if it has died."""

    def __init__(self) -> None:
        """Start the zygote; it gets warm while nobody waits for it."""
        self._lock = threading.Lock()
        self._line: _Line | None = _Line()

    @property
    def pid(self) -> int | None:
        """The zygote's id; None after `close`."""
        return None if self._line is None else self._line.pid

    def fork(self, commands: int, events: int) -> ForkedProcess:
        """Start a child that has these ends of its two pipes.

        Raises:
            OSError: If there can be no more processes, or the zygote ended over it.
        """
        with self._lock:
            if self._line is None or not self._line.is_up:
                self._line = _Line()
            line = self._line
        return line.request(commands, events)

    def close(self) -> None:
        """End the zygote, and with it all children that are left."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()
