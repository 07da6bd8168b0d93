"""A server in a process of its own: known by the first line that it writes, ended by its input."""

import atexit
import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from core.words import _

ROOT = Path(__file__).resolve().parents[2]
END_LIMIT_S = 10.0
EXIT_LIMIT_S = 2.0
MAX_LINE_BYTES = 4096


class NotUp(Exception):
    """A server did not come up; the message is one line that says why."""


class ServerProcess:
    """A server that runs as `python -m MODULE`, started on first use and again if it died.

    It writes one line once it is up, and ends when its standard input does: also where this
    process is killed.
    """

    def __init__(self, module: str, *arguments: str, start_limit_s: float) -> None:
        """Start nothing yet; a server that is not up after `start_limit_s` seconds is given up."""
        self._command = [sys.executable, "-m", module, *arguments]
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
            if not self.is_up:
                self._end()
                self._start()
            return self._line

    def close(self) -> None:
        """End the server and wait for its end; a later use starts it anew."""
        with self._lock:
            self._end()
        atexit.unregister(self.close)

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
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )

    def _reason(self, complaints: IO[bytes]) -> str:
        if self.is_up:
            return _("it was not up after {limit:g} s").format(limit=self._start_limit_s)
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else _("it ended without a word")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(END_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


def _first_line(process: "subprocess.Popen[bytes]", limit_s: float) -> str:
    """Return a process's first line; nothing if it ends or the time is over before."""
    if process.stdout is None:
        return ""
    output = process.stdout.fileno()
    give_up_s = time.monotonic() + limit_s
    line = b""
    while not line.endswith(b"\n") and len(line) < MAX_LINE_BYTES:
        readable, _, _ = select.select([output], [], [], max(0.0, give_up_s - time.monotonic()))
        if not readable:
            return ""
        read = os.read(output, MAX_LINE_BYTES)
        if not read:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(EXIT_LIMIT_S)
            return ""
        line += read
    return line.decode().strip()
