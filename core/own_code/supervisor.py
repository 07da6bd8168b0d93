"""The supervisor: a process that runs somebody's code, bounds it, and hands on what it prints.

`python -m core.own_code.supervisor`. The code runs under the recorder in a process of its own, in
an interpreter that knows nothing of this one, in a folder of its own. The first line of the
supervisor's input is an `Order`; the end of the input means that nobody wants the run any more, as
it was stopped, its tab was closed or its server is gone. Its output is lines of JSON, the last of
which says how the code ended, and then the bytes of the recording.

Memory, files and processor time are bounded by the system, for each process of the code. Time and
the number of processes are watched from here: RLIMIT_NPROC counts all that a user runs on the
machine, threads included, and root's not at all. On Linux what the code leaves behind becomes a
child of this process (a "subreaper"), so that it is found and ended, wherever it moved to.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import core
from core.measuring.orphans import adopt_orphans
from core.measuring.resources import MB, bound_program
from core.own_code.failure import FILE
from core.processes import apart, children_of, descendants_of, kill, kill_tree
from core.recording.recorder import MAX_LOG_CHARACTERS, MAX_LOG_LINES
from core.recording.transcript import LineStream
from core.spec.limits import cpu_count

RECORDER = Path(core.__file__).parent / "recording"
LOOK_EVERY_S = 0.02
SEND_EVERY_S = 0.05
END_LIMIT_S = 5.0
LINES_AT_ONCE = 1_000
STDERR = 2
AFTER_LIMIT_S = 30.0
"""After so much more of each processor the system ends what nobody watches any more."""
LAST_LINES = 500
"""Of standard error: a traceback of the deepest recursion has a few lines, repeated ones folded."""
READ_BYTES = 1 << 16
OURS = ("LOOPSCOPE_", "STREAMLIT_")
"""Settings of the server, some of them secrets: not for what runs in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run, and how much of the machine it may take.

    Attributes:
        code: The code.
        folder: Where it stands and works; an empty one, which is gone afterwards.
        limit_s: For how long.
        processes: How many processes of its own there may be beside the first, at the same time.
        threads: For how many threads' stacks there is room in addition to the memory.
        memory_mb: Address space of each process without stacks; None leaves it open.
        open_files: Descriptors of each process; None for as many as the system allows.
        file_mb: The size of a file that it writes, the recording included.
    """

    code: str
    folder: str
    limit_s: float
    processes: int
    threads: int
    memory_mb: int | None
    open_files: int | None
    file_mb: int

    def line(self) -> bytes:
        """Return the order as the supervisor reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Said:
    """What the code has printed: gathered by threads that read, sent by the one that watches."""

    def __init__(self, script: Path, recording: Path) -> None:
        """Gather nothing yet of a script, whose folder nobody needs to read.

        What the recorder says of its file is left out.
        """
        self._script = str(script)
        self._recording = str(recording)
        self._lock = threading.Lock()
        self._lines: list[tuple[int, str]] = []
        self._lines_left = MAX_LOG_LINES
        self._characters_left = MAX_LOG_CHARACTERS
        self.dropped = 0
        self.errors: deque[str] = deque(maxlen=LAST_LINES)

    def read(self, pipe: BinaryIO, descriptor: int) -> None:
        """Read a pipe to its end; however much comes, the code never waits for a reader."""

        def log(text: str) -> None:
            self._log(text, is_error=descriptor == STDERR)

        lines = LineStream(log, descriptor)
        while data := os.read(pipe.fileno(), READ_BYTES):
            lines.write(data)
        lines.flush_rest()

    def _log(self, text: str, *, is_error: bool) -> None:
        if is_error and text.startswith("loopscope: ") and self._recording in text:
            return
        # Windows ends lines so, of what is printed and of tracebacks
        text = text.removesuffix("\r").replace(self._script, FILE)
        with self._lock:
            if is_error:
                self.errors.append(text)
            if self._lines_left <= 0 or self._characters_left < len(text):
                self.dropped += 1
                return
            self._lines_left -= 1
            self._characters_left -= len(text)
            self._lines.append((time.perf_counter_ns(), text))

    def take(self) -> list[tuple[int, str]]:
        """Remove and return the lines that have gathered, each with its time."""
        with self._lock:
            lines, self._lines = self._lines, []
        return lines


class Program:
    """The code's process, and all that it has started."""

    def __init__(self, order: Order, folder: Path, recording: Path) -> None:
        """Start the code.

        Raises:
            OSError: If there can be no process.
        """
        (folder / FILE).write_text(order.code, encoding="utf-8", newline="\n")
        self._most = order.processes + 1
        self._process = subprocess.Popen(  # noqa: S603 - its whole purpose
            [sys.executable, str(RECORDER), "record", "--out", str(recording), FILE],
            cwd=folder,
            env=program_environment(order),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_bounded(order),  # noqa: PLW1509 - there is no other thread yet
            **apart(),
        )

    @property
    def streams(self) -> tuple[BinaryIO, BinaryIO]:
        """Its standard output and standard error."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        return self._process.stdout, self._process.stderr  # type: ignore[return-value]

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll()

    @property
    def has_too_many_processes(self) -> bool:
        """Whether there are more than it may have; those that have ended are seen out."""
        self._reap()
        return len(descendants_of(os.getpid())) > self._most

    def end(self) -> int:
        """End it and all that it has started, and return its exit status."""
        kill_tree(self._process.pid)
        status = self._process.wait(END_LIMIT_S)
        until_s = time.monotonic() + END_LIMIT_S
        while (left := descendants_of(os.getpid())) and time.monotonic() < until_s:
            for pid in left:
                kill(pid)
            self._reap()
        return status

    def _reap(self) -> None:
        if sys.platform == "win32":
            return
        for pid in children_of(os.getpid()):
            if pid != self._process.pid:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


def program_environment(order: Order) -> dict[str, str]:
    """Return the environment for the code: this one's, without the server's settings."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    found |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "PYTHON_COLORS": "0"}
    found.pop("PYTHONPATH", None)  # the server's; the code has the installed packages
    if order.memory_mb is not None:
        # One heap for all threads: each of its own would reserve 64 MB. Source: mallopt(3).
        found["MALLOC_ARENA_MAX"] = "1"
    return found


def _bounded(order: Order) -> Callable[[], None] | None:
    if sys.platform == "win32":
        return None
    return lambda: bound_program(
        memory_mb=order.memory_mb,
        threads=order.threads,
        open_files=order.open_files,
        file_mb=order.file_mb,
        cpu_s=(order.limit_s + AFTER_LIMIT_S) * cpu_count(),
    )


def main() -> None:
    """Run the code of an order, and say what became of it."""
    commands, results = sys.stdin.buffer, sys.stdout.buffer
    line = commands.readline()
    if not line:
        return  # stopped before it was asked
    order = Order(**json.loads(line))
    adopt_orphans()
    whole = Path(order.folder).resolve()
    work, recording = whole / "work", whole / "recording.loopscope"
    try:
        work.mkdir()
        with contextlib.suppress(BrokenPipeError):
            _send(results, **_supervised(order, work, recording, commands, results))
            if recording.is_file():
                with recording.open("rb") as file:
                    results.write(file.read(order.file_mb * MB))
            results.flush()
    finally:
        # Whoever asked for the run removes it as well, but may be gone itself.
        shutil.rmtree(whole, ignore_errors=True)


def _supervised(
    order: Order, work: Path, recording: Path, commands: BinaryIO, results: BinaryIO
) -> dict[str, Any]:
    program = Program(order, work, recording)
    said, unwanted = Said(work / FILE, recording), threading.Event()
    readers = [
        threading.Thread(target=said.read, args=(stream, number), daemon=True)
        for number, stream in enumerate(program.streams, 1)
    ]
    ending = threading.Thread(target=_wait_for_end, args=(commands, unwanted), daemon=True)
    why = None
    try:
        for thread in (*readers, ending):
            thread.start()
        why = _watch(program, order, said, unwanted, results)
    finally:
        status = program.end()
    for reader in readers:
        reader.join(END_LIMIT_S)
    _send_lines(said, results)
    return {"status": status, "why": why, "errors": list(said.errors), "dropped": said.dropped}


def _watch(
    program: Program, order: Order, said: Said, unwanted: threading.Event, results: BinaryIO
) -> str | None:
    """Return once the code has ended: None by itself, or why it has to."""
    until_s = time.monotonic() + order.limit_s
    send_s = 0.0
    while program.status is None:
        if unwanted.wait(LOOK_EVERY_S):
            return "stopped"
        now_s = time.monotonic()
        if now_s > until_s:
            return "time"
        if program.has_too_many_processes:
            return "processes"
        if now_s >= send_s:
            _send_lines(said, results)
            send_s = now_s + SEND_EVERY_S
    return None


def _wait_for_end(commands: BinaryIO, unwanted: threading.Event) -> None:
    commands.read()
    unwanted.set()


def _send_lines(said: Said, results: BinaryIO) -> None:
    lines = said.take()
    for begin in range(0, len(lines), LINES_AT_ONCE):
        _send(results, lines=lines[begin : begin + LINES_AT_ONCE])


def _send(results: BinaryIO, **what: Any) -> None:
    results.write(json.dumps(what).encode() + b"\n")
    results.flush()


if __name__ == "__main__":
    main()
