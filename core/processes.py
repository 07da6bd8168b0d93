"""Processes: how ours are started, and others of this machine as /proc shows them (Linux)."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PROC = Path("/proc")
STOPPED = frozenset("Tt")
"""By a signal, or by a debugger. Source: proc_pid_stat(5)."""


class Role(StrEnum):
    """What a process is for a run."""

    CHILD = "measuring process"
    POOL = "pool worker"
    HTTP = "web server"
    KEEPER = "keeper of PostgreSQL"
    POSTMASTER = "postmaster"
    BACKEND = "PostgreSQL backend"
    SCHEDULER = "Dask scheduler"
    DASK_WORKER = "Dask worker"


@dataclass(frozen=True, slots=True)
class Stuck:
    """A process that stands still or does not answer."""

    role: Role
    pid: int


@dataclass(frozen=True, slots=True)
class _Stat:
    state: str
    parent: int
    group: int


def is_stopped(pid: int | None) -> bool:
    """Return whether a process stands still, as after SIGSTOP; it takes no signal but SIGKILL."""
    stat = None if pid is None else _stat(PROC / str(pid))
    return stat is not None and stat.state in STOPPED


def stopped_in_group(group: int) -> list[int]:
    """Return the processes of a group that stand still, in the order of their ids."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        stat = _stat(folder)
        if stat is not None and stat.group == group and stat.state in STOPPED:
            found.append(int(folder.name))
    return sorted(found)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started, and those left to it."""
    found: list[int] = []
    for each in (PROC / str(pid) / "task").glob("*/children"):
        with suppress(OSError):  # it ended meanwhile
            found += map(int, each.read_text().split())
    return found


def working_in(folder: Path) -> list[int]:
    """Return the processes whose working directory is a folder or below it."""
    pids = (int(each.name) for each in PROC.glob("[0-9]*"))
    return sorted(pid for pid in pids if works_in(pid, folder))


def works_in(pid: int, folder: Path) -> bool:
    """Return whether a process lives and its working directory is a folder or below it."""
    try:
        return (PROC / str(pid) / "cwd").readlink().is_relative_to(folder)
    except OSError:  # it has ended, or is somebody else's
        return False


def command_of(pid: int) -> str:
    """Return a process's command line, in which servers write what they do."""
    try:
        return (PROC / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        return ""


def send(pid: int, *signals: signal.Signals) -> None:
    """Send a process signals, one after the other, unless it has ended."""
    with suppress(ProcessLookupError, PermissionError):
        for each in signals:
            os.kill(pid, each)


def _stat(folder: Path) -> _Stat | None:
    try:
        _name, fields = (folder / "stat").read_text().rsplit(") ", 1)
    except (OSError, ValueError):
        return None
    state, parent, group, *_rest = fields.split()
    return _Stat(state, int(parent), int(group))


ROOT = Path(__file__).resolve().parents[1]
"""The folder to start it in; `-m` looks for our package there."""
SAFE_PATH = "PYTHONSAFEPATH"


def environment() -> dict[str, str]:
    """Return this process's environment without PYTHONSAFEPATH, which forbids `-m` that folder."""
    return {name: value for name, value in os.environ.items() if name != SAFE_PATH}
