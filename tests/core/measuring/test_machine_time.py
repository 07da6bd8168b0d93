"""How long threads waited for a processor because of other work."""

import os
import threading
import time
from pathlib import Path

import pytest

from core.measuring.machine_time import MachineTime, disturbed_ns, read

S = 1_000_000_000
on_linux = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="needs schedstat")


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def reading(at_s: float, busy_s: float, **threads: tuple[float, float]) -> MachineTime:
    """Return a reading; of each thread how long it ran and waited for a processor, in seconds."""
    return MachineTime(
        at_ns=int(at_s * S),
        busy_ns=int(busy_s * S),
        threads={
            number: (int(used * S), int(delay * S))
            for number, (used, delay) in enumerate(threads.values())
        },
    )


def test_the_waits_of_all_threads_since_the_first_reading_are_added() -> None:
    before = reading(0, 10, loop=(1, 1))
    after = reading(1, 12, loop=(1.1, 1.2), worker=(0.1, 0.3))
    assert disturbed_ns(before, after) == int(0.5 * S)


def test_threads_wait_no_longer_for_others_than_these_worked() -> None:
    before = reading(0, 0, loop=(0, 0))
    assert disturbed_ns(before, reading(1, 0.75, loop=(0.5, 0.5))) == int(0.25 * S)


def test_threads_that_came_and_went_have_waited_too() -> None:
    before = reading(0, 0, loop=(0, 0))
    assert disturbed_ns(before, reading(1, 1.5, loop=(0.5, 0.25)), S // 4) == S // 2


def test_a_run_that_fills_the_machine_by_itself_is_not_disturbed_by_it() -> None:
    before = reading(0, 0)
    after = reading(1, 2, first=(0.95, 0.9), second=(0.95, 0.9))
    assert disturbed_ns(before, after) == 0


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert disturbed_ns(reading(0, 0), reading(1, 0)) == 0


@on_linux
def test_a_thread_that_works_has_used_a_processor_and_one_left_out_is_not_there() -> None:
    me = threading.get_native_id()
    before = read(0)
    while time.thread_time_ns() < 20_000_000:
        pass
    after = read(0)
    assert after.threads[me][0] > 0
    assert after.threads[me] >= before.threads[me]
    assert me not in read(0, but={me}).threads


@on_linux
def test_a_process_that_is_gone_has_no_threads() -> None:
    assert read(0, [2**22 + 1]).threads.keys() == read(0).threads.keys()
