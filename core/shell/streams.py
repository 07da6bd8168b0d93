"""The streams and files of a command line: where its output goes, and how it learns of failure."""

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from core.errors import BadValue, NoOutput
from core.text.language import lazy
from core.text.legible import ENCODING_ERRORS, legible

if TYPE_CHECKING:
    from core.timeline.timeline import Timeline

STDOUT = "-"
"""The path that stands for standard output."""


def width() -> int:
    """Return how many columns a line may take: those of the terminal or of COLUMNS, else 80."""
    return shutil.get_terminal_size().columns


def say(message: str) -> None:
    """Print one line to standard error, if anything can be printed to it."""
    if _is_open(sys.stderr):  # `print` would take standard output for one that is closed
        try:
            print("loopscope:", legible(message), file=sys.stderr, flush=True)
        except OSError:
            forget(sys.stderr)


def _is_open(stream: TextIO | None) -> bool:
    """Return whether a standard stream was open when Python began; it is None otherwise."""
    return stream is not None


def forget(stream: TextIO) -> None:
    """Send what is still buffered nowhere: Python flushes once more when it ends."""
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def refuse_unwritable(path: str | None, option: str = "json") -> None:
    """Refuse a path before the run rather than after it.

    Raises:
        BadValue: If nothing can be written to it.
        NoOutput: If it is standard output, which is closed.
    """
    if path in (None, STDOUT):
        if not _is_open(sys.stdout):
            raise NoOutput
        return
    place = Path(str(path))
    if place.is_dir() or not os.access(place if place.exists() else place.parent, os.W_OK):
        raise BadValue(
            option, path, lazy("it must be - or a file in a folder that can be written to")
        )


def write_runs(timelines: "Sequence[Timeline]", path: str, *, several: bool) -> None:
    """Write a run file; to a path that ends in `.gz`, compressed."""
    from core.runfile import SUFFIX, write

    if path == STDOUT:
        sys.stdout.flush()  # its text goes through a buffer of its own, and must come first
        write(timelines, sys.stdout.buffer, several=several)
        sys.stdout.buffer.flush()
        return
    try:
        with Path(path).open("wb") as file:
            write(timelines, file, several=several, pack=path.endswith(SUFFIX))
    except OSError as error:
        raise BadValue("json", path, str(error.strerror)) from error


def write_bytes(data: bytes, path: str) -> None:
    """Write what is in no run file: an export, a table as JSON."""
    if path != STDOUT:
        Path(path).write_bytes(data)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def print_text(text: str) -> None:
    """Print, and learn here rather than at the interpreter's end that nobody reads it.

    Raises:
        NoOutput, OSError: If standard output is closed, or nothing can be written to it.
    """
    if not _is_open(sys.stdout):
        raise NoOutput
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=ENCODING_ERRORS)
    print(text, flush=True)
