"""Processes: how ours are started and ended, and what others of this machine do.

Who starts and watches processes imports this. A measuring child does not: it starts with the
standard library alone, and psutil would add a tenth to what its start takes of a processor.
"""

import atexit
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from core.text.language import Text, lazy

STOPPED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})
"""By a signal, or by a debugger."""
ROOT = Path(__file__).resolve().parents[1]
"""The folder to start a process of ours in; `-m` looks for our package there."""
SAFE_PATH = "PYTHONSAFEPATH"


def environment() -> dict[str, str]:
    """Return this process's environment without PYTHONSAFEPATH, which forbids `-m` that folder."""
    return {name: value for name, value in os.environ.items() if name != SAFE_PATH}


def is_stopped(pid: int | None) -> bool:
    """Return whether a process is stopped, as by SIGSTOP; then it takes SIGKILL only."""
    with suppress(psutil.Error):
        return pid is not None and psutil.Process(pid).status() in STOPPED
    return False


def stopped_in_group(group: int) -> list[int]:
    """Return the stopped processes of a group, in the order of their ids."""
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
            found += map(int, each.read_text().split())
    return found


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


def send(pid: int, *signals: signal.Signals) -> None:
    """Send a process signals, one after the other, unless it has ended."""
    with suppress(ProcessLookupError, PermissionError):
        for each in signals:
            os.kill(pid, each)


def _group_of(pid: int) -> int | None:
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
            except OSError as error:
                raise NotUp(str(error)) from error
            atexit.register(self.close)
            self._line = _first_line(self._process, self._start_limit_s)
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
            start_new_session=True,
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
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
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
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(KILLED_LIMIT_S)
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()


def _first_line(process: "subprocess.Popen[bytes]", limit_s: float) -> str:
    """Return a process's first line; nothing if it ends or the time is over before."""
    if process.stdout is None:
        return ""
    output = process.stdout.fileno()
    give_up_s = time.monotonic() + limit_s
    line = b""
    while not line.endswith(b"\n") and len(line) < MAX_LINE_BYTES:
        # A pipe has no time-out of its own, so `readline` could wait for ever.
        readable, _, _ = select.select([output], [], [], max(0.0, give_up_s - time.monotonic()))
        if not readable:
            return ""
        read = os.read(output, MAX_LINE_BYTES)
        if not read:
            # Its output ends a moment before it does; only then are its complaints whole.
            with suppress(subprocess.TimeoutExpired):
                process.wait(EXIT_LIMIT_S)
            return ""
        line += read
    return line.decode().strip()
