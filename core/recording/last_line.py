"""The line that the recorder says at the end of a program: where its files are, and what is not."""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .family import Family, Gathered
from .opening import how_to_open
from .recording_file import SUFFIX

NAME = "loopscope"
MOST_NAMED = 8
"""How many files of child processes the line names."""


def say_end(recording: Any, family: Family | None, pid: int) -> None:
    """End the recording of the process that began it, and say where it is."""
    if os.getpid() != pid:
        return  # a copy of the process, which a fork made, ends: it has recorded nothing
    recording.stop()
    gathered = _gathered(family)
    counted = f"{recording.jobs:,} tasks and calls recorded"
    if recording.failure is not None:
        said = f"{NAME}: the recording ended early: {recording.failure}"
    elif recording.path is None:
        said = f"{NAME}: {counted}, and none of them written"
    else:
        files = [recording.path.with_name(Path(each).name) for each in gathered.files]
        said = f"{NAME}: {counted}{_named([recording.path], files, family)}"
    say(said + _said_of_others(gathered))


def say_end_of_another(family: Family, pid: int) -> None:
    """Say where the recording is of a program that has become another one, at the end of that."""
    if os.getpid() != pid:
        return
    gathered = _gathered(family)
    # it has been given as it is, if it does not end so
    path = next((p for p in (family.stem + SUFFIX, family.stem) if os.path.isfile(p)), family.stem)  # noqa: PTH113
    files = [_as_given(each) for each in gathered.files]
    said = f"{NAME}: recorded until the program became another one"
    say(said + _named([_as_given(path)], files, family) + _said_of_others(gathered))


def say(line: str) -> None:
    """Print on standard error, if there is one."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(line, file=sys.stderr)  # noqa: T201


def _gathered(family: Family | None) -> Gathered:
    if family is None:
        return Gathered([], [], 0)
    gathered = family.gathered()
    family.dissolve()
    return gathered


def _as_given(path: str) -> Path:
    """Return a path from the folder that the process is in, if it is below it."""
    with contextlib.suppress(OSError, ValueError):
        return Path(path).relative_to(Path.cwd())
    return Path(path)


def _named(first: Sequence[Path], files: Sequence[Path], family: Family | None) -> str:
    """Return how many child processes were recorded, and how to open all files."""
    said = f", and {_counted(len(files), 'child process', 'child processes')}" if files else ""
    said += f"; open them: {how_to_open(*map(str, [*first, *files[:MOST_NAMED]]))}"
    more = len(files) - MOST_NAMED
    if more > 0 and family is not None:
        said += f" (and {more} more, {Path(family.stem).name}.PID{SUFFIX})"
    return said


def _said_of_others(gathered: Gathered) -> str:
    """Return of which child processes there is no file, though they may have run a loop."""
    said = [f"; not recorded: {each}" for each in gathered.failures]
    if count := gathered.left_out:
        what = _counted(count, "more child process was", "more child processes were")
        said.append(f"; {what} left out, as there are {len(gathered.files)} files")
    if count := gathered.deaf:
        what = _counted(count, "Python was", "Pythons were")
        said.append(
            f"; {what} started with -E, -I, -S or without the PYTHONPATH of the program, and "
            f"{'is' if count == 1 else 'are'} not recorded"
        )
    return "".join(said)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
