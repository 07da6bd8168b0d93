"""Watching processes from outside, by /proc, and measuring runs with children of the tests."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.spec.run_spec import RunSpec

ODD_CHILD = "tests.core.measuring.odd_child"
LIMIT_S = 10.0
PREPARE_S = 30.0


def group_members(group: int) -> list[str]:
    """Return the processes of a group, the defunct ones too, each with its state and name."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, rest = stat.read_text().split(" ", 1)
            name, fields = rest.rsplit(") ", 1)
            state, _parent, group_of_it = fields.split()[:3]
            if int(group_of_it) == group:
                found.append(f"{pid} {name}) {state}")
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


def kill(pid: int) -> None:
    """End a process from outside, without a word."""
    os.kill(pid, signal.SIGKILL)
