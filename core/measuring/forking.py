"""The parent's end of the zygote: asks it for processes and hears when they end."""

import contextlib
import itertools
import math
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress

from core.errors import ZygoteLost
from core.measuring.process import ChildProcess
from core.measuring.resources import above_standard
from core.measuring.wire import REPORT, REQUEST, Report
from core.processes import KILLED, ROOT, apart, environment, is_stopped, kill_tree

FORK_LIMIT_S = 10.0
"""A zygote that has just been started imports for a second, or some on a busy machine."""
LOOK_EVERY_S = 0.25
"""Who waits for the zygote looks so often whether it has been stopped."""
END_LIMIT_S = 3.0
"""Above the zygote's own limit, `ORPHANS_LIMIT_S`, for its children."""
KILLED_LIMIT_S = 1.0
CAN_FORK = sys.platform == "linux"
"""Elsewhere there are no sockets of packets, or forks that are not safe."""


class ZygoteGone(ChildProcessError):
    """The zygote has forked nothing: it ended, or was ended as it did not answer."""


class ForkedProcess:
    """A process that the zygote has forked; what one needs of `subprocess.Popen`.

    Attributes:
        pid: Its id.
        zygote_lost: How the zygote was lost, if the process was ended because of that.
    """

    def __init__(self, pid: int, line: "_Line") -> None:
        """Stand for a process that has just begun; its end is heard of on a line."""
        self.pid = pid
        self.zygote_lost: ZygoteLost | None = None
        self._line = line
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
        if not self._line.wait_for(self._ended, timeout) or self._code is None:
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

    def result(self) -> ForkedProcess | None:
        """Return the process; None if it was not forked as the zygote is lost."""
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        return self.process


def packet_sockets() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets that keep the limits of packets.

    Raises:
        OSError: If this process may open no more files, or the system has no such sockets.
    """
    if sys.platform != "linux":
        raise ZygoteGone
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    one, other = (socket.socket(fileno=above_standard(end.detach())) for end in ends)
    return one, other


class _Line:
    """One zygote, from its start to its end, and the thread that listens to it."""

    def __init__(self) -> None:
        self._socket, theirs = packet_sockets()
        with theirs:
            self._zygote = subprocess.Popen(  # noqa: S603 - our own module, no input in it
                [sys.executable, "-m", "core.measuring.zygote", str(theirs.fileno())],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                **apart(),  # or Ctrl+C in a terminal would end it before its children
            )
        self._numbers = itertools.count()
        self._requests: dict[int, _Request] = {}
        self._processes: dict[int, ForkedProcess] = {}
        self._lock = threading.Lock()
        self._gone = False
        self._silent = threading.Event()
        self._lost = ZygoteLost(self._zygote.pid, was_stuck=False)
        self._listener = threading.Thread(target=self._listen, name="zygote", daemon=True)
        try:
            self._listener.start()
        except RuntimeError as error:  # no more threads
            self._socket.close()
            self._zygote.kill()
            self._zygote.wait()
            raise ZygoteGone from error

    @property
    def pid(self) -> int:
        return self._zygote.pid

    @property
    def is_up(self) -> bool:
        return not self._gone

    def request(self, commands: int, events: int) -> ForkedProcess | None:
        """Return a process; None if the zygote has ended or does not answer, which ends it."""
        if sys.platform != "linux":
            return None
        request = _Request()
        # Known before it is sent: the answer may come before this thread goes on.
        with self._lock:
            number = next(self._numbers)
            self._requests[number] = request
        try:
            # It must not wait where the zygote reads no more.
            ends = [commands, events]
            socket.send_fds(self._socket, [REQUEST.pack(number)], ends, socket.MSG_DONTWAIT)
            if not self.wait_for(request.answered, FORK_LIMIT_S):
                self._kill_stuck()
            return request.result()
        except (BrokenPipeError, BlockingIOError):
            return None
        finally:
            with self._lock:
                self._requests.pop(number, None)

    def wait_for(self, told: threading.Event, timeout_s: float | None) -> bool:
        """Wait until the zygote has told something; one that has been stopped is killed.

        A stopped process (SIGSTOP) keeps its connections, so nothing else would end the wait.
        """
        give_up_s = math.inf if timeout_s is None else time.monotonic() + timeout_s
        while not told.wait(max(0.0, min(LOOK_EVERY_S, give_up_s - time.monotonic()))):
            if not self._gone and is_stopped(self.pid):
                self._kill_stuck()
                return told.wait(KILLED_LIMIT_S)
            if time.monotonic() >= give_up_s:
                return False
        return True

    def close(self) -> None:
        """End the zygote and its children; at the latest by force."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        if not self.wait_for(self._silent, END_LIMIT_S):
            self._kill_stuck()
        self._listener.join(KILLED_LIMIT_S)

    def _kill_stuck(self) -> None:
        """Kill the zygote, as it does not answer; the listener sees its end, and those of all."""
        self._lost = ZygoteLost(self.pid, was_stuck=True)
        self._zygote.kill()

    def _listen(self) -> None:
        with self._socket:
            while message := self._received():
                self._take(*REPORT.unpack(message))
        with self._lock:
            self._gone = True
            left = list(self._processes.values())
            for request in self._requests.values():
                request.answer(None)
        # Their parent is gone: nobody could tell of their ends, and nothing would reap them here.
        for process in left:
            kill_tree(process.pid)
            process.zygote_lost = self._lost
            process.note_end(KILLED)
        # After the ends of the children: whoever sees `_silent` may count on there being none.
        self._zygote.wait()
        self._silent.set()

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
            process = ForkedProcess(about, self) if report == Report.FORKED else None
            if process is not None:
                self._processes[about] = process
            # Who asked may have given up: its ends of the pipes are closed, and so the child ends.
            if request is not None:
                request.answer(process, 0 if process else about)


class Forking:
    """Starts measuring children by a zygote, which is started again if it has died."""

    def __init__(self) -> None:
        """Start the zygote; it gets warm while nobody waits for it."""
        self._lock = threading.Lock()
        self._line: _Line | None = None
        with contextlib.suppress(ZygoteGone):
            self._line = _Line()

    @property
    def pid(self) -> int | None:
        """The zygote's id; None after `close`."""
        return None if self._line is None else self._line.pid

    def fork(self, commands: int, events: int) -> ForkedProcess:
        """Start a child that has these ends of its two pipes.

        Raises:
            ZygoteGone: If the zygote ended or had to be ended over it; another comes for the next.
            OSError: If there can be no more processes.
        """
        with self._lock:
            if self._line is None or not self._line.is_up:
                self._line = _Line()
            line = self._line
        process = line.request(commands, events)
        if process is None:
            raise ZygoteGone
        return process

    def close(self) -> None:
        """End the zygote, and with it all children that are left."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()


class Spares:
    """Gives measuring children to everybody on this server.

    On Linux a zygote forks each when it is needed, in a few milliseconds. Elsewhere some wait warm,
    and are started again between runs rather than during one: an interpreter that starts takes a
    tenth of a second of a processor, which a run beside it would feel.
    """

    def __init__(self, size: int, *, forks: bool = CAN_FORK) -> None:
        """Keep children warm.

        Args:
            size: How many; 0 starts each child, and its interpreter, when it is needed.
            forks: Whether a zygote may take their place.
        """
        self._forking = Forking() if size and forks else None
        self._size = 0 if self._forking else size
        self._children: deque[ChildProcess] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self.refill()

    @property
    def zygote(self) -> int | None:
        """The id of the process that forks the children; None if there is none."""
        return None if self._forking is None else self._forking.pid

    def take(self) -> ChildProcess:
        """Return a child, warm if there is one; it belongs to the caller.

        A spare that did not live to be used, for example killed for its memory, is passed over. In
        place of a zygote that forks nothing, as it was killed or stopped, an interpreter starts.

        Raises:
            OSError: If this machine starts no more processes.
        """
        if self._forking is not None:
            with suppress(ZygoteGone):
                return ChildProcess(start=self._forking.fork)
        with self._lock:
            while self._children:
                child = self._children.popleft()
                if child.is_alive:
                    return child
                child.close()
        return ChildProcess()

    def refill(self) -> None:
        """Start children until there are as many as there should be."""
        with self._lock:
            while not self._closed and len(self._children) < self._size:
                self._children.append(ChildProcess())

    def close(self) -> None:
        """End all children that wait, and the zygote with its children; no more are kept."""
        with self._lock:
            self._closed = True
            while self._children:
                self._children.popleft().close()
        if self._forking is not None:
            self._forking.close()
