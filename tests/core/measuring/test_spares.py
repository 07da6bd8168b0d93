"""Warm spares: used, replaced and closed."""

import os
import signal
from pathlib import Path

import pytest

from core.measuring.measurement import Measurement
from core.measuring.process import ChildProcess
from core.measuring.spares import Spares
from core.spec.run_spec import RunSpec
from tests.core.measuring.watching import (
    LIMIT_S,
    PREPARE_S,
    assert_group_is_gone,
    group_members,
    kill,
    wait_until,
)

pytestmark = pytest.mark.real


def open_descriptors() -> int:
    return len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))


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


def test_in_place_of_a_stopped_zygote_an_interpreter_starts_and_then_another_zygote() -> None:
    spares = Spares(1)
    try:
        zygote = spares.zygote
        assert zygote is not None
        os.kill(zygote, signal.SIGSTOP)
        assert measure(spares.take()).error is None
        wait_until(lambda: not Path(f"/proc/{zygote}").exists())
        assert measure(spares.take()).error is None
        assert spares.zygote != zygote
    finally:
        spares.close()
