"""Processes: how ours are started, and what others of this machine do, as psutil tells it.

Who starts and watches processes imports this. A measuring child does not: it starts with the
standard library alone, and psutil would add a tenth to what its start takes of a processor.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil

STOPPED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})
"""By a signal, or by a debugger."""
ROOT = Path(__file__).resolve().parents[1]
"""The folder to start a process of ours in; `-m` looks for our package there."""
SAFE_PATH = "PYTHONSAFEPATH"


def environment() -> dict[str, str]:
    """Return this process's environment without PYTHONSAFEPATH, which forbids `-m` that folder."""
    return {name: value for name, value in os.environ.items() if name != SAFE_PATH}


def is_stopped(pid: int | None) -> bool:
    """Return whether a process stands still, as after SIGSTOP; it takes no signal but SIGKILL."""
    with suppress(psutil.Error):
        return pid is not None and psutil.Process(pid).status() in STOPPED
    return False


def stopped_in_group(group: int) -> list[int]:
    """Return the processes of a group that stand still, in the order of their ids."""
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
