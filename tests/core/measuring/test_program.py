"""Carrying out a pattern, as `asyncio.run` would."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from core.jobs import JobKind
from core.measuring.program import Callbacks, carry_out
from core.recording.recorder import JobError, Recorder
from tests.kit.virtual import (
    VirtualClock,
    loop_on,
    pattern_of,
    run_here,
    run_virtually,
    whole_ms,
)

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

    def get_ready() -> None:
        events.append("ready")
        clock.move(5_000)

    clock = VirtualClock()
    returned = carry_out(
        pattern_of(pattern),
        nothing,
        1,
        recorder=Recorder(clock=clock),
        callbacks=Callbacks(before_start=get_ready, on_start=events.append),
        make_loop=loop_on(clock),
    )
    assert events == ["ready", returned.started_ns, "pattern"]
    assert clock() - returned.started_ns < 5_000


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(3)], ids=repr)
def test_a_run_whose_pattern_ends_the_interpreter_is_kept(error: BaseException) -> None:
    async def pattern(job: Job, count: int) -> None:
        await asyncio.sleep(0.1)
        raise error

    ran = run_virtually(pattern, nothing, 1)
    assert ran.returned.error is not None
    assert ran.returned.error.as_dict() == {"type": type(error).__name__, "message": "3"}
    assert whole_ms(ran.timeline) == 100


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_a_run_whose_leftover_task_ends_the_interpreter_is_kept(end: type[BaseException]) -> None:
    async def leave_when_cancelled(index: int) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            raise end

    async def pattern(job: Job, count: int) -> str:
        tasks.append(asyncio.create_task(job(0)))
        await asyncio.sleep(1)
        return "value"

    tasks: list[asyncio.Task[None]] = []
    returned = run_virtually(pattern, leave_when_cancelled, 1).returned
    assert returned.error is not None
    assert returned.error.kind == end.__name__
    assert returned.value == "value"
    assert isinstance(tasks[0].exception(), end)


def test_a_run_without_a_loop_that_ends_the_interpreter_is_kept() -> None:
    def pattern(job: Job, count: int) -> None:
        job(0)

    def leave(index: int) -> None:
        sys.exit("enough")

    ran = run_here(pattern_of(pattern, JobKind.BLOCKING), leave, 1)
    assert ran.timeline.jobs.outcome == ("failed",)
    assert ran.timeline.jobs.error[0] == ran.returned.error
    assert ran.returned.error == JobError(kind="SystemExit", message="enough")
