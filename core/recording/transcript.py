"""The transcript: what a program prints, line by line, with the time of each line."""

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

MAX_LINE_BYTES = 3_400
"""What fits with its mark into one write to a pipe that several workers share."""
STDERR = 2
OWN_FOLDER = os.path.dirname(__file__)  # noqa: PTH120 - imported by workers at their start
SOURCE_INDENT = " " * 4
"""What Python writes before the source of a frame, and before the carets below it."""


class LineStream(io.BufferedIOBase):
    """A binary stream that hands every finished line to a function.

    Threads that print at the same time each finish their own lines. Bytes become letters once the
    line ends, so a letter may be written in pieces. Of tracebacks, and of the stacks that warnings
    show in Python's development mode, frames of the recorder are left out.
    """

    def __init__(
        self, log: Callable[[str], None], descriptor: int, *, hidden: Sequence[str] = ()
    ) -> None:
        """Hand lines to `log`; `descriptor` is what `fileno` answers, for code that asks.

        `hidden` names further folders and files whose frames are left out.
        """
        super().__init__()
        self._log = log
        paths = (OWN_FOLDER, *hidden)
        self._hidden = tuple(f'File "{path}{end}' for path in paths for end in (os.sep, '"'))
        self._descriptor = descriptor
        self._started = threading.local()
        self._all_started: list[_Line] = []

    @property
    def name(self) -> str:
        """The name of the stream that this one stands for, as Python gives it."""
        return "<stderr>" if self._descriptor == STDERR else "<stdout>"

    @property
    def raw(self) -> "LineStream":
        """The stream itself: nothing is held back."""
        return self

    def writable(self) -> bool:
        """Return True: it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the stream that this one stands for."""
        return self._descriptor

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Take bytes in and log the lines that they finish."""
        if self.closed:
            raise ValueError("write to closed file")
        written = bytes(data)
        *finished, rest = written.split(b"\n")
        started = self._started_here()
        for part in finished:
            started.add(part)
            self._log_unless_hidden(started)
        started.add(rest)
        return len(written)

    def flush_rest(self) -> None:
        """Log what was printed without ending the line, by any thread."""
        for started in self._all_started[:]:
            if started.is_begun:
                self._log_unless_hidden(started)

    def _log_unless_hidden(self, line: "_Line") -> None:
        text = line.end()
        frame = text.lstrip()
        # A frame in a traceback: its file's line, then its source, more indented, and perhaps
        # carets.
        if frame.startswith('File "'):
            line.is_hidden = frame.startswith(self._hidden)
        elif not text.startswith(SOURCE_INDENT):
            line.is_hidden = False
        if not line.is_hidden:
            self._log(text)

    def _started_here(self) -> "_Line":
        started: _Line | None = getattr(self._started, "line", None)
        if started is None:
            started = self._started.line = _Line()
            # also those of threads that end with a line begun: `flush_rest` records it
            self._all_started.append(started)
        return started


class _Line:
    """A line that a thread has begun to print: its first bytes, and how many more came.

    `is_hidden` is whether it belongs to a frame that is left out: the line that names its file, or
    one of source code after that.
    """

    __slots__ = ("_begun", "_left_out", "is_hidden")

    def __init__(self) -> None:
        self.is_hidden = False
        self._begin()

    def _begin(self) -> None:
        self._begun = bytearray()
        self._left_out = 0

    @property
    def is_begun(self) -> bool:
        return len(self._begun) > 0

    def add(self, part: bytes) -> None:
        room = MAX_LINE_BYTES - len(self._begun)
        self._begun += part[:room]
        self._left_out += max(0, len(part) - room)

    def end(self) -> str:
        """Return the line, with a mark if some of it was left out, and begin another."""
        begun, left_out = bytes(self._begun), self._left_out
        self._begin()
        if not left_out:
            return begun.decode(errors="replace")
        # a letter of several bytes that was cut is left out, and counted as such
        whole = begun.decode(errors="ignore")
        return f"{whole}… ({left_out + len(begun) - len(whole.encode()):,} more bytes)"


def text_stream(lines: LineStream) -> io.TextIOWrapper:
    """Return a text file that writes to a line stream, as Python's own for its descriptor would.

    Standard output refuses what cannot be encoded; standard error writes it with backslashes.
    """
    is_stderr = lines.fileno() == STDERR
    text = io.TextIOWrapper(
        lines,
        encoding="utf-8",
        errors="backslashreplace" if is_stderr else "strict",
        newline="\n",
        line_buffering=is_stderr,
        write_through=True,
    )
    text.mode = "w"  # type: ignore[misc]
    return text


@contextmanager
def transcribed(log: Callable[[str], None], *, hidden: Sequence[str] = ()) -> Iterator[None]:
    """Send what is printed to standard output and standard error to `log` instead.

    `hidden` is as for `LineStream`.
    """
    streams = LineStream(log, 1, hidden=hidden), LineStream(log, 2, hidden=hidden)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = text_stream(streams[0]), text_stream(streams[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in streams:
            stream.flush_rest()
