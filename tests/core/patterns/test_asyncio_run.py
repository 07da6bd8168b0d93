"""asyncio.run makes the loop, and closes it."""

import asyncio

import pytest

from tests.kit.sleeping import NAMES, error_of, run_sleeping
from tests.kit.virtual import ended_ms, states, whole_ms


def test_the_loop_that_it_makes_is_recorded_and_closed_afterwards() -> None:
    ran = run_sleeping("asyncio_run", 3, 0.2)
    assert ran.loop.is_closed()
    assert len(ran.timeline.steps) > 0
    assert [state.name for state in states(ran.timeline, 0)[-3:]] == ["WAITING", "READY", "RUNNING"]


def test_five_sleeps_take_as_long_as_one() -> None:
    ran = run_sleeping("asyncio_run", 5, 0.2)
    assert ended_ms(ran.timeline) == [200] * 5
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.value == NAMES[5]


def test_an_error_comes_out_of_run_after_the_others_have_been_cancelled() -> None:
    ran = run_sleeping("asyncio_run", 3, failing=2)
    assert error_of(ran) == "RuntimeError: job 2 went wrong"
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "cancelled")
    assert ran.timeline.jobs.ended_ns.max() < ran.timeline.wall_ns


def test_no_loop_is_left_as_the_current_one() -> None:
    run_sleeping("asyncio_run", 1)
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
