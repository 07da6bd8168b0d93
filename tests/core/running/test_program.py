"""Carrying out a pattern, as `asyncio.run` would."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from core.recording.recorder import Recorder
from core.running.program import carry_out
from tests.core.virtual import VirtualClock, loop_on, pattern_of, run_virtually, whole_ms

Job = Callable[[int], Any]


async def nothing(index: int) -> None:
    return None


def test_the_value_and_the_times_of_a_pattern_come_back() -> None:
    async def pattern(job: Job, count: int) -> str:
        await asyncio.sleep(0.1)
        return "value"

    ran = run_virtually(pattern, nothing, 1)
    assert ran.returned.value == "value"
    assert ran.returned.error is None
    assert whole_ms(ran.timeline) == 100


def test_what_a_pattern_raises_comes_back_as_its_error() -> None:
    async def pattern(job: Job, count: int) -> None:
        raise LookupError("nothing there")

    error = run_virtually(pattern, nothing, 1).returned.error
    assert error is not None
    assert error.as_dict() == {"type": "LookupError", "message": "nothing there"}


def test_a_pattern_that_is_cancelled_comes_back_with_the_message() -> None:
    async def pattern(job: Job, count: int) -> None:
        task = asyncio.create_task(job(0))
        task.cancel("not needed")
        await task

    error = run_virtually(pattern, nothing, 1).returned.error
    assert error is not None
    assert error.as_dict() == {"type": "CancelledError", "message": "not needed"}


def test_the_time_for_leftover_tasks_does_not_count() -> None:
    async def slow_to_leave(index: int) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(5)

    async def pattern(job: Job, count: int) -> None:
        tasks.append(asyncio.create_task(job(0)))
        await asyncio.sleep(1)

    tasks: list[asyncio.Task[None]] = []
    timeline = run_virtually(pattern, slow_to_leave, 1).timeline
    assert whole_ms(timeline) == 1000
    assert timeline.jobs.ended_ns[0] // 1_000_000 == 6000


def test_the_start_is_announced_before_anything_runs() -> None:
    events: list[object] = []

    async def pattern(job: Job, count: int) -> None:
        events.append("pattern")

    clock = VirtualClock()
    returned = carry_out(
        pattern_of(pattern),
        nothing,
        1,
        recorder=Recorder(clock=clock),
        on_start=events.append,
        make_loop=loop_on(clock),
    )
    assert events == [returned.started_ns, "pattern"]


def test_an_interrupt_is_not_taken_for_an_error_of_the_pattern() -> None:
    async def pattern(job: Job, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_virtually(pattern, nothing, 1)
