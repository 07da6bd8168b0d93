"""The transcript: what a program prints, line by line, with the time of each line."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class LineStream(io.RawIOBase):
    """A binary stream that hands every finished line to a function.

    Threads that print at the same time each finish their own lines.
    """

    def __init__(self, log: Callable[[str], None], descriptor: int) -> None:
        """Hand lines to `log`; `descriptor` is what `fileno` answers, for code that asks."""
        super().__init__()
        self._log = log
        self._descriptor = descriptor
        self._started = threading.local()
        self._all_started: list[_Started] = []

    @property
    def name(self) -> str:
        """The name of the stream that this one stands for, as Python gives it."""
        return "<stdout>" if self._descriptor == 1 else "<stderr>"

    def writable(self) -> bool:
        """Return True: it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the stream that this one stands for."""
        return self._descriptor

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Take bytes in and log the lines that they finish."""
        started = self._started_here()
        text = started.text + bytes(data).decode(errors="replace")
        *lines, started.text = text.split("\n")
        for line in lines:
            self._log(line)
        return len(data)

    def flush_rest(self) -> None:
        """Log what was printed without ending the line, by any thread."""
        for started in self._all_started[:]:
            rest, started.text = started.text, ""
            if rest:
                self._log(rest)

    def _started_here(self) -> "_Started":
        started: _Started | None = getattr(self._started, "line", None)
        if started is None:
            started = self._started.line = _Started()
            self._all_started.append(started)
        return started


class _Started:
    """A line that a thread has begun to print."""

    __slots__ = ("text",)

    def __init__(self) -> None:
        self.text = ""


def text_stream(lines: LineStream) -> io.TextIOWrapper:
    """Return a text file that writes to a line stream without keeping anything back."""
    return io.TextIOWrapper(lines, encoding="utf-8", write_through=True)


@contextmanager
def transcribed(log: Callable[[str], None]) -> Iterator[None]:
    """Send what is printed to standard output and standard error to `log` instead."""
    streams = LineStream(log, 1), LineStream(log, 2)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = text_stream(streams[0]), text_stream(streams[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in streams:
            stream.flush_rest()
