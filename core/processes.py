"""Other processes of this machine, as /proc shows them; off Linux nothing is known of them."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
STOPPED = frozenset("Tt")
"""By a signal, or by a debugger. Source: proc_pid_stat(5)."""


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


def _stat(folder: Path) -> _Stat | None:
    try:
        _name, fields = (folder / "stat").read_text().rsplit(") ", 1)
    except (OSError, ValueError):
        return None
    state, parent, group, *_rest = fields.split()
    return _Stat(state, int(parent), int(group))
