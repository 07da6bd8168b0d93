"""The zygote: what it forks, how the parent hears of ends, and who ends with whom."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing import get_context

import psutil
import pytest

from core.errors import ChildLost, RunStopped, ZygoteLost
from core.measuring.forking import Forking, Spares, ZygoteGone
from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.processes import KILLED, ROOT, kill, stand_still
from core.spec.run_spec import RunSpec
from tests.kit.laws import assert_laws
from tests.kit.needs import linux_only
from tests.kit.watching import (
    LIMIT_S,
    PREPARE_S,
    assert_group_is_gone,
    group_members,
    is_gone,
    wait_until,
)

pytestmark = pytest.mark.real
needs_zygote = linux_only("a zygote forks and hands over descriptors")

SHORT = RunSpec(pattern="gather", tasks=3, sleep_s=0.01)
LONG = RunSpec(pattern="gather", tasks=3, sleep_s=30)
POOL = RunSpec(pattern="run_in_executor", tasks=3, sleep_s=0.01, executor="processes", workers=2)
LONG_POOL = RunSpec(pattern="run_in_executor", tasks=3, sleep_s=30, executor="processes", workers=2)


@pytest.fixture
def forking() -> Iterator[Forking]:
    forking = Forking()
    yield forking
    forking.close()


def begun(forking: Forking, spec: RunSpec) -> tuple[Measurement, ChildProcess]:
    child = ChildProcess(start=forking.fork)
    measurement = Measurement(spec)
    measurement.begin(child)
    assert measurement.prepared.wait(PREPARE_S)
    measurement.go()
    return measurement, child


@needs_zygote
@pytest.mark.parametrize("spec", [SHORT, POOL], ids=["loop", "processes"])
def test_a_forked_child_measures_as_any_other(forking: Forking, spec: RunSpec) -> None:
    measurement, child = begun(forking, spec)
    assert measurement.ended.wait(LIMIT_S)
    assert measurement.error is None
    timeline = measurement.timeline()
    assert timeline is not None
    assert_laws(timeline, jobs=3)
    assert timeline.recording_ns > 0
    assert_group_is_gone(child.pid)
    wait_until(lambda: is_gone(child.pid))


@needs_zygote
def test_children_know_nothing_of_one_another(forking: Forking) -> None:
    runs = [begun(forking, SHORT) for _ in range(5)]
    for measurement, _child in runs:
        assert measurement.ended.wait(LIMIT_S)
        timeline = measurement.timeline()
        assert timeline is not None
        assert_laws(timeline, jobs=3)
    assert len({child.pid for _, child in runs}) == 5


@needs_zygote
@pytest.mark.parametrize("spec", [LONG, LONG_POOL], ids=["loop", "processes"])
def test_a_stopped_child_is_reaped_with_all_that_it_started(
    forking: Forking, spec: RunSpec
) -> None:
    measurement, child = begun(forking, spec)
    wait_until(lambda: measurement.started)
    measurement.stop()
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, RunStopped)
    assert_group_is_gone(child.pid)


@needs_zygote
def test_a_forked_child_that_is_killed_is_told_with_its_signal(forking: Forking) -> None:
    measurement, child = begun(forking, LONG)
    wait_until(lambda: measurement.started)
    kill(child.pid)
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, ChildLost)
    assert measurement.error.exit_code == KILLED


@needs_zygote
def test_a_killed_zygote_takes_its_runs_along_and_another_comes_for_the_next(
    forking: Forking,
) -> None:
    measurement, child = begun(forking, LONG)
    zygote = forking.pid
    assert zygote is not None
    kill(zygote)
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, ChildLost)
    assert_group_is_gone(child.pid)
    wait_until(lambda: is_gone(zygote))
    measurement, _child = begun(forking, SHORT)
    assert measurement.ended.wait(LIMIT_S)
    assert measurement.error is None
    assert forking.pid != zygote


@needs_zygote
@pytest.mark.parametrize("how", [stand_still, kill], ids=["stopped", "killed"])
def test_a_run_whose_zygote_is_lost_names_it(forking: Forking, how: Callable[[int], None]) -> None:
    measurement, child = begun(forking, LONG)
    wait_until(lambda: measurement.started)
    zygote = forking.pid
    assert zygote is not None
    how(zygote)
    if how is stand_still:
        with pytest.raises(ZygoteGone):
            ChildProcess(start=forking.fork)
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, ZygoteLost)
    assert measurement.error.pid == zygote
    assert measurement.error.was_stuck is (how is stand_still)
    assert_group_is_gone(child.pid)
    wait_until(lambda: is_gone(zygote))
    measurement, _child = begun(forking, SHORT)
    assert measurement.ended.wait(LIMIT_S)
    assert measurement.error is None


@needs_zygote
def test_a_run_that_ends_while_the_zygote_stands_still_has_its_results(forking: Forking) -> None:
    measurement, _child = begun(forking, SHORT)
    zygote = forking.pid
    assert zygote is not None
    stand_still(zygote)
    assert measurement.ended.wait(LIMIT_S)
    assert measurement.error is None
    timeline = measurement.timeline()
    assert timeline is not None
    assert_laws(timeline, jobs=3)


@needs_zygote
def test_a_run_is_stopped_although_the_zygote_stands_still(forking: Forking) -> None:
    measurement, child = begun(forking, LONG_POOL)
    wait_until(lambda: measurement.started)
    assert forking.pid is not None
    stand_still(forking.pid)
    measurement.stop()
    assert measurement.ended.wait(LIMIT_S)
    assert isinstance(measurement.error, RunStopped)
    assert_group_is_gone(child.pid)


@needs_zygote
def test_closing_ends_a_zygote_that_stands_still_with_its_children() -> None:
    forking = Forking()
    measurement, child = begun(forking, LONG_POOL)
    wait_until(lambda: measurement.started)
    zygote = forking.pid
    assert zygote is not None
    stand_still(zygote)
    forking.close()
    assert is_gone(zygote)
    assert measurement.ended.wait(LIMIT_S)
    assert_group_is_gone(child.pid)


PARENT = """
import sys, threading
from core.measuring.forking import Forking
from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.spec.run_spec import RunSpec
forking = Forking()
child = ChildProcess(start=forking.fork)
measurement = Measurement(RunSpec(pattern="run_in_executor", tasks=4, sleep_s=30,
                                  executor="processes", workers=2))
measurement.begin(child)
measurement.prepared.wait()
measurement.go()
while not measurement.started:
    pass
print(forking.pid, child.pid, flush=True)
threading.Event().wait()
"""


@needs_zygote
def test_a_killed_parents_zygote_sees_its_children_out_and_ends() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        zygote, child = map(int, parent.stdout.readline().split())
        # itself and two workers; a fork server comes with a resource tracker
        helpers = 2 if get_context().get_start_method() == "forkserver" else 0
        assert len(group_members(child)) == 3 + helpers
        kill(parent.pid)
    assert_group_is_gone(child, within_s=5.0)
    wait_until(lambda: is_gone(zygote), limit_s=5.0)


def open_descriptors() -> int:
    """Return how many this process has open; 0 on Windows, whose handles are of many kinds."""
    count = getattr(psutil.Process(), "num_fds", None)
    return count() if count else 0


def measure(child: ChildProcess) -> Measurement:
    """Measure a short run with a child and return once it has ended."""
    measurement = Measurement(RunSpec(pattern="gather", tasks=1, sleep_s=0))
    measurement.begin(child)
    assert measurement.prepared.wait(PREPARE_S)
    measurement.go()
    assert measurement.ended.wait(LIMIT_S)
    return measurement


def test_a_spare_is_used_once_and_replaced_when_asked_for() -> None:
    spares = Spares(1, forks=False)
    first = spares.take()
    spares.refill()
    second = spares.take()
    try:
        assert first.pid != second.pid
        assert measure(first).error is None
        assert measure(second).error is None
        assert_group_is_gone(first.pid)
    finally:
        spares.close()


def test_without_spares_a_child_is_started_when_it_is_needed() -> None:
    spares = Spares(0)
    child = spares.take()
    assert child.is_alive
    assert measure(child).error is None
    spares.close()


def test_a_spare_that_was_killed_is_passed_over() -> None:
    spares = Spares(2, forks=False)
    try:
        dead = spares.take()
        spares._children.appendleft(dead)
        kill(dead.pid)
        wait_until(lambda: not dead.is_alive)
        child = spares.take()
        assert child.pid != dead.pid
        assert measure(child).error is None
    finally:
        spares.close()


def test_closing_ends_all_spares_and_starts_no_more() -> None:
    before = open_descriptors()
    spares = Spares(2, forks=False)
    groups = [child.pid for child in spares._children]
    assert all(group_members(group) for group in groups)
    spares.close()
    for group in groups:
        assert_group_is_gone(group)
    spares.refill()
    assert not spares._children
    assert open_descriptors() == before


def test_a_run_leaves_no_descriptor_open() -> None:
    measure(ChildProcess())
    before = open_descriptors()
    for _ in range(3):
        measure(ChildProcess())
    assert open_descriptors() == before


@needs_zygote
def test_where_it_is_possible_a_zygote_takes_the_place_of_spares() -> None:
    before = open_descriptors()
    spares = Spares(3)
    zygote = spares.zygote
    try:
        assert zygote is not None
        assert not spares._children
        first, second = spares.take(), spares.take()
        assert first.pid != second.pid
        assert measure(first).error is None
        assert measure(second).error is None
        assert spares.zygote == zygote
    finally:
        spares.close()
    assert spares.zygote is None
    assert open_descriptors() == before


@needs_zygote
def test_in_place_of_a_stopped_zygote_an_interpreter_starts_and_then_another_zygote() -> None:
    spares = Spares(1)
    try:
        zygote = spares.zygote
        assert zygote is not None
        stand_still(zygote)
        assert measure(spares.take()).error is None
        wait_until(lambda: is_gone(zygote))
        assert measure(spares.take()).error is None
        assert spares.zygote != zygote
    finally:
        spares.close()
