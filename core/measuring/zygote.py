"""The zygote: a warm process that forks a measuring child whenever it is asked to.

`python -m core.measuring.zygote SOCKET` with the descriptor of a socket of packets. A request is a
number with the descriptors of `core.measuring.wire` for a child; the answers are `REPORT`s. The end
of the stream means that the parent is gone: the zygote sees its children out and ends.

A fresh interpreter with its imports takes 60 to 90 ms of a processor, so a hall of people would
need several processors for starts alone; a child forked from here takes 7 ms in all, its run
included. The server itself cannot fork them: a fork of a process with threads may deadlock, and
warns since Python 3.12. The zygote has one thread and holds no locks when it forks, so a child may
do whatever a fresh process may. `multiprocessing.forkserver` forks from such a process, too, but
gives its children no session of their own, so that they could not be ended with all that they
started; it does not adopt what a killed child leaves behind; and whoever asks it for a process must
pickle what it shall do.

Each child leads its own session, and rehearses a small program, so that its run does not pay for
the first writes to memory that all share. Where there is no Linux, spares of whole interpreters
wait.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
from typing import NoReturn

from core.measuring.child import live_with
from core.measuring.orphans import adopt_orphans
from core.measuring.wire import REPORT, REQUEST, Report
from core.recording.cost import cost_per_event_ns, rehearse

assert sys.platform == "linux", "forks are safe, and packets go over sockets, on Linux alone"

DESCRIPTORS = 2
ORPHANS_LIMIT_S = 2.0


class Zygote:
    """Forks and reaps. What a dead child leaves behind comes to the zygote, too."""

    def __init__(self, parent: socket.socket, cost_ns: float) -> None:
        """Serve a parent; `cost_ns` is what recording an event costs, measured once for all."""
        self._parent = parent
        self._cost_ns = cost_ns
        self._children: set[int] = set()
        self._wakings, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # Python writes to the descriptor only for signals that have a handler (3.11 to 3.15).
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker)

    def serve(self) -> None:
        """Fork until the parent is gone, then see all children out."""
        while self._obey():
            self._reap()
        give_up_s = time.monotonic() + ORPHANS_LIMIT_S
        while self._reap() and time.monotonic() < give_up_s:
            self._sleep_until_a_child_ends(give_up_s - time.monotonic())
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        while self._reap():
            self._sleep_until_a_child_ends(None)

    def _obey(self) -> bool:
        """Wait for a request or for the end of a child; return whether the parent is there."""
        parent = self._parent.fileno()
        readable, _, _ = select.select([parent, self._wakings], [], [])
        if parent not in readable:
            return True
        message, descriptors, _, _ = socket.recv_fds(self._parent, REQUEST.size, DESCRIPTORS)
        if not message:
            return False
        (number,) = REQUEST.unpack(message)
        self._fork(number, descriptors)
        return True

    def _fork(self, number: int, descriptors: list[int]) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._say(Report.REFUSED, number, error.errno or 0)
            return
        finally:
            if os.getpid() == ZYGOTE:
                for descriptor in descriptors:
                    os.close(descriptor)
        if pid == 0:
            self._become_child(descriptors)
        self._children.add(pid)
        self._say(Report.FORKED, number, pid)

    def _become_child(self, descriptors: list[int]) -> NoReturn:
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._parent.close()
            os.close(self._wakings)
            os.close(self._waker)
            rehearse()
            live_with(*descriptors, cost_ns=self._cost_ns)
            code = 0
        except SystemExit as end:  # in a copy that a job has forked
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            os._exit(code)  # what the zygote registered to be called at exit is not the child's

    def _reap(self) -> bool:
        """Tell of children that have ended; return whether any is left."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakings, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid in self._children:
                self._children.discard(pid)
                self._say(Report.ENDED, pid, os.waitstatus_to_exitcode(status))

    def _say(self, report: Report, number: int, about: int) -> None:
        with contextlib.suppress(OSError):  # the parent is gone
            self._parent.send(REPORT.pack(report, number, about))

    def _sleep_until_a_child_ends(self, limit_s: float | None) -> None:
        select.select([self._wakings], [], [], limit_s)


ZYGOTE = os.getpid()


def main(descriptor: int) -> None:
    """Get warm and serve."""
    adopt_orphans()
    cost_ns = cost_per_event_ns()
    rehearse()
    gc.collect()
    # A collection writes to the header of each object that it looks at; frozen ones it passes over,
    # so that a child's collections do not copy the pages that all share (since Python 3.7).
    gc.freeze()
    with socket.socket(fileno=descriptor) as parent:
        Zygote(parent, cost_ns).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
