"""Processes: how ours are started and ended, and what others of this machine do, as psutil says.

Linux and macOS have groups of processes, so that what a process of ours has started can be ended
with it, also when it is gone itself. Windows has none: there the processes below it are looked for
while it lives, and workers end when the process that started them does (`core.recording.remote`).

Who starts and watches processes imports this. A measuring child does not: it starts with the
standard library alone, and psutil would add a tenth to what its start takes of a processor.
"""

import atexit
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

import psutil

from core.text.language import Text, lazy

STOPPED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})
"""By a signal, or by a debugger."""
ROOT = Path(__file__).resolve().parents[1]
"""The folder to start a process of ours in; `-m` looks for our package there."""
SAFE_PATH = "PYTHONSAFEPATH"
KILLED = -9
"""The exit code of a process that was killed, where nobody can tell it."""


def environment() -> dict[str, str]:
    """Return this process's environment without PYTHONSAFEPATH, which forbids `-m` that folder."""
    return {name: value for name, value in os.environ.items() if name != SAFE_PATH}


def apart() -> dict[str, Any]:
    """Return what `Popen` needs so that Ctrl+C in the terminal does not reach the process.

    On Linux and macOS it leads a session of its own, and a group, which `kill_tree` ends. On
    Windows it gets no window, and no Ctrl+C, either.
    """
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def kill_tree(pid: int) -> None:
    """Kill a process that was started `apart`, and what it has started."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return
    below = descendants_of(pid)
    for each in (pid, *below):  # first who might start others
        kill(each)


def kill_with_descendants(pid: int, limit_s: float) -> None:
    """Kill what a process has started, wherever that has moved to, and then the process itself.

    Those below go first: on Linux a process that has called `adopt_orphans` keeps them until then,
    also while it stands still. Who starts others faster than they are ended has its limit of time.
    """
    until_s = time.monotonic() + limit_s
    while (left := [each for each in descendants_of(pid) if lives(each)]) and (
        time.monotonic() < until_s
    ):
        for each in left:
            kill(each)
    kill_tree(pid)


def lives(pid: int) -> bool:
    """Return whether a process has not ended; one that nobody has waited for yet has."""
    with suppress(psutil.Error):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def kill(pid: int) -> None:
    """End a process at once, unless it has ended."""
    with suppress(psutil.Error):
        psutil.Process(pid).kill()


def end(pid: int) -> None:
    """Ask a process to end (SIGTERM); Windows ends it at once."""
    with suppress(psutil.Error):
        psutil.Process(pid).terminate()


def stand_still(pid: int) -> None:
    """Let a process do nothing until `go_on` (SIGSTOP); on Windows its threads are suspended."""
    with suppress(psutil.Error):
        psutil.Process(pid).suspend()


def go_on(pid: int) -> None:
    """Let a process go on that stands still (SIGCONT)."""
    with suppress(psutil.Error):
        psutil.Process(pid).resume()


def is_stopped(pid: int | None) -> bool:
    """Return whether a process is stopped, as by SIGSTOP; then it takes SIGKILL only."""
    with suppress(psutil.Error):
        return pid is not None and psutil.Process(pid).status() in STOPPED
    return False


def stopped_in_group(group: int) -> list[int]:
    """Return the stopped processes of a group, in the order of their ids.

    On Windows those are asked that the process of this id has started.
    """
    if sys.platform == "win32":
        return [pid for pid in (group, *descendants_of(group)) if is_stopped(pid)]
    return [pid for pid in psutil.pids() if _group_of(pid) == group and is_stopped(pid)]


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started, and those left to it.

    Linux lists them. psutil asks all processes of the machine for their parents, which took 20 ms
    where there were 140, against 0.06; and each run in Dask or with PostgreSQL asks once.
    """
    if sys.platform != "linux":
        with suppress(psutil.Error):
            return [each.pid for each in psutil.Process(pid).children()]
    found: list[int] = []
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ended meanwhile
            found += map(int, each.read_text(encoding="ascii").split())
    return found


def descendants_of(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that these have started."""
    if sys.platform != "linux":
        with suppress(psutil.Error):
            return [each.pid for each in psutil.Process(pid).children(recursive=True)]
        return []
    found = children_of(pid)
    return found + [below for child in found for below in descendants_of(child)]


def working_in(folder: Path) -> list[int]:
    """Return the processes whose working directory is a folder or below it."""
    return [pid for pid in psutil.pids() if works_in(pid, folder)]


def works_in(pid: int, folder: Path) -> bool:
    """Return whether a process lives and its working directory is a folder or below it."""
    with suppress(psutil.Error, OSError):  # it has ended, or is somebody else's
        return Path(psutil.Process(pid).cwd()).is_relative_to(folder)
    return False


def command_of(pid: int) -> str:
    """Return a process's command line, in which servers write what they do."""
    with suppress(psutil.Error):
        return " ".join(psutil.Process(pid).cmdline()).strip()
    return ""


def resident_bytes(pid: int) -> int:
    """Return how much of a process is in memory now; 0 of one that has ended."""
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def peak_bytes(pid: int) -> int:
    """Return how much of a process was in memory at most; 0 where it is not known."""
    with suppress(psutil.Error):
        return int(getattr(psutil.Process(pid).memory_info(), "peak_wset", 0))
    return 0


def private_bytes(pid: int) -> int:
    """Return what a process has in memory for itself alone; 0 of one that has ended."""
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_full_info().uss)
    return 0


def machine_bytes() -> int:
    """Return how much memory this machine has."""
    return int(psutil.virtual_memory().total)


def _group_of(pid: int) -> int | None:
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            return os.getpgid(pid)
    return None


LOG = logging.getLogger("loopscope")

END_LIMIT_S = 3.0
KILLED_LIMIT_S = 1.0
ANSWER_LIMIT_S = 2.0
"""How long a server on this machine may take to answer what costs it next to nothing."""
EXIT_LIMIT_S = 2.0
MAX_LINE_BYTES = 4096


class NotUp(Exception):
    """A server did not come up; the message is one line that says why."""


def log_loss(service: str, pid: int | None, what: str) -> None:
    """Write a line to the log: a process of a service was found killed, stopped or silent."""
    LOG.info(json.dumps({"event": "service", "service": service, "process": pid, "found": what}))


class ServerProcess:
    """A server that runs as `python -m MODULE`, started on first use and again if it died.

    It writes one line once it is up, and ends when its standard input does: also where this
    process is killed.

    A process that is stopped (SIGSTOP) keeps its connections, and its clients wait for ever.
    So a server is checked before a run gets its address; one that is stopped or does not answer is
    killed and started again.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        start_limit_s: float,
        answers: Callable[[str], bool] = lambda line: True,  # noqa: ARG005
    ) -> None:
        """Start nothing yet.

        Args:
            module: What it runs.
            arguments: Those of its command line.
            start_limit_s: How long a server has to come up, in seconds.
            answers: Returns, by the line that the server wrote, whether it still answers.
        """
        self._module = module
        self._command = [sys.executable, "-m", module, *arguments]
        self._answers = answers
        self._start_limit_s = start_limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line = ""

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def is_up(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def line(self) -> str:
        """Return what the server wrote once it was up; start it if it is not.

        Raises:
            NotUp: If it does not come up in time.
        """
        with self._lock:
            if self._process is not None and (found := self._trouble()):
                log_loss(self._module, self.pid, found)
                self._kill()
            if self._process is None:
                self._start()
            return self._line

    def _trouble(self) -> str:
        """Return what is wrong with the server; nothing if it is up and answers."""
        if not self.is_up:
            return "ended"
        if is_stopped(self.pid):
            return "stopped"
        return "" if self._answers(self._line) else "silent"

    def close(self) -> None:
        """End the server and wait for its end; a later use starts it again."""
        with self._lock:
            self._end()
        atexit.unregister(self.close)

    def kill(self) -> None:
        """Kill the server; a later use starts it again."""
        with self._lock:
            self._kill()

    def _start(self) -> None:
        with tempfile.TemporaryFile() as complaints:
            try:
                self._process = self._launch(complaints)
                atexit.register(self.close)
                self._line = _first_line(self._process, self._start_limit_s)
            except (OSError, RuntimeError) as error:  # no more processes, or threads
                self._end()
                raise NotUp(str(error)) from error
            if not self._line:
                reason = self._reason(complaints)
                self._end()
                raise NotUp(reason)

    def _launch(self, complaints: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - our own module, no input in it
            self._command,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            **apart(),
        )

    def _reason(self, complaints: IO[bytes]) -> Text:
        if self.is_up:
            return lazy("it was not up after {limit:g} s", limit=self._start_limit_s)
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else lazy("it ended without a word")

    def _end(self) -> None:
        """Let the server end; one that is stopped, or takes too long, is killed."""
        process = self._process
        if process is None or process.stdin is None:
            return
        # A stopped process would not notice the end of its input, and takes no signal but this one.
        for pid in stopped_in_group(process.pid):
            kill(pid)
        with suppress(BrokenPipeError):
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_LIMIT_S)
        self._kill()

    def _kill(self) -> None:
        """End the server and all that it started now, and close its pipes."""
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        kill_tree(process.pid)
        with suppress(subprocess.TimeoutExpired):
            process.wait(KILLED_LIMIT_S)
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()


def _first_line(process: "subprocess.Popen[bytes]", limit_s: float) -> str:
    """Return a process's first line; nothing if it ends or the time is over before.

    Raises:
        RuntimeError: If there can be no more threads.
    """
    if process.stdout is None:
        return ""
    # A pipe has no time-out of its own, and on Windows `select` takes none: so a thread reads.
    read: SimpleQueue[bytes] = SimpleQueue()
    readline = process.stdout.readline
    threading.Thread(
        target=lambda: read.put(readline(MAX_LINE_BYTES)), name="first line", daemon=True
    ).start()
    with suppress(Empty):
        line = read.get(timeout=limit_s)
        if line.endswith(b"\n"):
            return line.decode().strip()
        # Its output ends a moment before it does; only then are its complaints whole.
        with suppress(subprocess.TimeoutExpired):
            process.wait(EXIT_LIMIT_S)
    return ""
