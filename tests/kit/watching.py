"""Watching processes from outside, and measuring runs with children of the tests."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import psutil

from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.spec.run_spec import RunSpec

ODD_CHILD = "tests.core.measuring.odd_child"
LIMIT_S = 30.0
"""How long what must happen may take where the machine is busy; more is a hang."""
PREPARE_S = 30.0


def group_members(group: int) -> list[str]:
    """Return the processes of a group, the defunct ones too, each with its name and state.

    Windows has no groups: there it is the process of this id, and those below it.
    """
    if sys.platform == "win32":
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(group)
            return _described([process, *process.children(recursive=True)])
        return []
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getpgid(pid) == group:
                found.append(psutil.Process(pid))
    return _described(found)


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, and is not even defunct."""
    return not psutil.pid_exists(pid)


def _described(processes: Iterable[psutil.Process]) -> list[str]:
    found = []
    for each in processes:
        with contextlib.suppress(psutil.Error):
            found.append(f"{each.pid} {each.name()} {each.status()}")
    return found


def wait_until(holds: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Return once something holds; fail if it does not within a limit."""
    give_up_s = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < give_up_s, f"not within {limit_s} s: {holds}"
        time.sleep(0.005)


def assert_group_is_gone(group: int, within_s: float = LIMIT_S) -> None:
    """Check that nothing of a process group is left, alive or defunct."""
    give_up_s = time.monotonic() + within_s
    while (members := group_members(group)) and time.monotonic() < give_up_s:
        time.sleep(0.005)
    assert members == []


@contextlib.contextmanager
def measuring(
    spec: RunSpec, *, odd: bool = False, go: bool = True
) -> Iterator[tuple[Measurement, ChildProcess]]:
    """Give a run under way and its child; stop it at the end and check that nothing is left."""
    child = ChildProcess(ODD_CHILD) if odd else ChildProcess()
    measurement = Measurement(spec)
    try:
        measurement.begin(child)
        if go:
            assert measurement.prepared.wait(PREPARE_S)
            measurement.go()
        yield measurement, child
    finally:
        measurement.stop()
        assert measurement.ended.wait(LIMIT_S)
    assert_group_is_gone(child.pid)
