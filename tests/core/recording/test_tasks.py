"""Cancellations: when a job was told, and by whom; what it took back does not count."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.recording.events import NOBODY, Canceller
from core.timeline.timeline import State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.virtual import MS, VirtualClock, run_here, run_virtually, states

Told = tuple[int, Canceller, int]
NEVER: Told = (NOBODY, Canceller.UNKNOWN, NOBODY)


def told(timeline: Timeline, job: int) -> Told:
    """Return when a job was told, in whole milliseconds, how it was cancelled and by which job."""
    jobs = timeline.jobs
    at_ns = int(jobs.cancelled_ns[job])
    at_ms = NOBODY if at_ns == NOBODY else at_ns // MS
    return at_ms, Canceller(int(jobs.cancelled_how[job])), int(jobs.cancelled_by[job])


def run_tasks(job: Callable[[int], Any], count: int, then: Callable[..., Any]) -> Timeline:
    """Run jobs as tasks, call `then` with these, and wait for all of them."""

    async def pattern(job: Any, count: int) -> None:
        tasks = [asyncio.create_task(job(index)) for index in range(count)]
        await then(tasks)
        await asyncio.wait(tasks)

    timeline = run_virtually(pattern, job, count).timeline
    assert_laws(timeline, jobs=count)
    return timeline


async def nothing(tasks: list[asyncio.Task[Any]]) -> None:
    """Leave the tasks to themselves."""


async def sleeps(index: int) -> None:
    await asyncio.sleep(1)


async def cancels_all(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()


def test_the_pattern_cancels_by_its_own_step() -> None:
    assert told(run_tasks(sleeps, 2, cancels_all), 1) == (50, Canceller.PATTERN, NOBODY)


async def cleans_up(index: int) -> None:
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(("after_ms", "again_ms"), [((), NOBODY), ((40,), 90), ((40, 30), 120)])
def test_of_several_cancellations_the_first_and_the_last_are_known(
    after_ms: tuple[int, ...], again_ms: int
) -> None:
    async def swallows_one(index: int) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await cleans_up(index)
        await cleans_up(index)

    async def cancels(tasks: list[asyncio.Task[Any]]) -> None:
        await cancels_all(tasks)
        for pause_ms in after_ms:
            await asyncio.sleep(pause_ms / 1_000)
            tasks[0].cancel()

    timeline = run_tasks(swallows_one, 2, cancels)
    assert told(timeline, 0) == told(timeline, 1) == (50, Canceller.PATTERN, NOBODY)
    again_ns = timeline.jobs.cancelled_again_ns.tolist()
    assert [each if each == NOBODY else each // MS for each in again_ns] == [again_ms, NOBODY]


def test_a_job_that_took_back_its_own_time_out_was_cancelled_once_by_another() -> None:
    async def job(index: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await asyncio.sleep(1)
        await asyncio.sleep(1)

    timeline = run_tasks(job, 1, cancels_all)
    assert told(timeline, 0) == (50, Canceller.PATTERN, NOBODY)
    assert timeline.jobs.cancelled_again_ns.tolist() == [NOBODY]


async def cancels_past_the_method(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.sleep(0.05)
    for task in tasks:
        asyncio.Task.cancel(task)


def test_a_cancellation_past_the_tasks_own_method_is_told_at_its_end_by_nobody_known() -> None:
    assert told(run_tasks(sleeps, 2, cancels_past_the_method), 1) == (
        50,
        Canceller.UNKNOWN,
        NOBODY,
    )


def test_a_task_that_is_ready_anyway_is_told_when_cancel_is_called() -> None:
    clock, opened = VirtualClock(), asyncio.Event()

    async def pattern(job: Any, count: int) -> None:
        task = asyncio.create_task(job(0))
        await asyncio.sleep(0)
        opened.set()
        clock.move(20 * MS)
        task.cancel()
        clock.move(20 * MS)
        await asyncio.wait([task])

    async def job(index: int) -> None:
        await opened.wait()

    timeline = run_virtually(pattern, job, 1, clock=clock).timeline
    assert told(timeline, 0) == (20, Canceller.PATTERN, NOBODY)


def test_a_task_that_never_began_is_told_when_cancel_is_called() -> None:
    async def then(tasks: list[asyncio.Task[Any]]) -> None:
        tasks[0].cancel()

    timeline = run_tasks(sleeps, 1, then)
    assert told(timeline, 0)[1:] == (Canceller.PATTERN, NOBODY)
    assert timeline.jobs.outcome == ("cancelled",)


def test_one_job_cancels_another() -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def job(index: int) -> None:
        await asyncio.sleep(0.01)
        if index == 0:
            tasks[1].cancel()
        await asyncio.sleep(1)

    async def then(made: list[asyncio.Task[Any]]) -> None:
        tasks.extend(made)

    timeline = run_tasks(job, 2, then)
    assert told(timeline, 1) == (10, Canceller.JOB, 0)
    assert told(timeline, 0) == NEVER


@pytest.mark.parametrize("later_s", [None, 0.03])
def test_a_callback_or_timer_that_a_job_sets_cancels_on_its_behalf(later_s: float | None) -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def job(index: int) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.01)
        if index == 0 and later_s is None:
            loop.call_soon(tasks[1].cancel)
        elif index == 0:
            loop.call_later(later_s or 0, tasks[1].cancel)
        await asyncio.sleep(1)

    async def then(made: list[asyncio.Task[Any]]) -> None:
        tasks.extend(made)

    how = Canceller.JOB if later_s is None else Canceller.TIMEOUT
    assert told(run_tasks(job, 2, then), 1) == (10 if later_s is None else 40, how, 0)


def test_a_job_cancels_itself() -> None:
    async def job(index: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(1)

    assert told(run_tasks(job, 1, nothing), 0) == (10, Canceller.JOB, 0)


async def meets_its_own_time_out(index: int) -> None:
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)
    except TimeoutError:
        pass
    await asyncio.sleep(0.2)


def test_a_time_out_of_its_own_that_a_job_takes_back_is_no_cancellation_of_it() -> None:
    timeline = run_tasks(meets_its_own_time_out, 1, nothing)
    assert told(timeline, 0) == NEVER
    assert timeline.jobs.outcome == ("ok",)


def test_a_later_cancellation_has_its_own_moment() -> None:
    timeline = run_tasks(meets_its_own_time_out, 1, cancels_all)
    assert told(timeline, 0) == (50, Canceller.PATTERN, NOBODY)


def test_of_several_cancellations_the_first_that_was_not_taken_back_counts() -> None:
    async def job(index: int) -> None:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)
            raise

    async def then(tasks: list[asyncio.Task[Any]]) -> None:
        for _ in range(2):
            await asyncio.sleep(0.05)
            tasks[0].cancel()

    assert told(run_tasks(job, 1, then), 0) == (50, Canceller.PATTERN, NOBODY)


def test_a_watchdog_that_a_job_sets_for_itself_is_its_own_time_out() -> None:
    async def job(index: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().call_later(0.03, task.cancel)
        await asyncio.sleep(1)

    assert told(run_tasks(job, 1, nothing), 0) == (30, Canceller.TIMEOUT, 0)


def test_a_group_of_its_own_in_which_another_task_fails_is_taken_back() -> None:
    async def fails() -> None:
        await asyncio.sleep(0.01)
        raise ValueError

    async def job(index: int) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails())
                await asyncio.sleep(1)
        except* ValueError:
            pass
        await asyncio.sleep(0.1)

    timeline = run_tasks(job, 1, nothing)
    assert told(timeline, 0) == NEVER
    assert timeline.jobs.outcome == ("ok",)


async def waits_for_a_group_that_fails(index: int) -> None:
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(fails_in(0.02))
            group.create_task(asyncio.sleep(1))
    await asyncio.sleep(1)


async def fails_in(delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    raise LookupError


def test_a_group_that_fails_while_its_job_waits_for_its_end_cancels_no_job() -> None:
    timeline = run_tasks(waits_for_a_group_that_fails, 1, nothing)
    assert told(timeline, 0) == NEVER
    assert timeline.jobs.outcome == ("ok",)


def test_after_such_a_group_a_job_can_still_be_cancelled() -> None:
    timeline = run_tasks(waits_for_a_group_that_fails, 1, cancels_all)
    assert told(timeline, 0) == (50, Canceller.PATTERN, NOBODY)
    assert timeline.jobs.outcome == ("cancelled",)


def test_a_job_in_a_group_of_the_pattern_of_which_no_job_failed() -> None:
    async def pattern(job: Any, count: int) -> None:
        async def fails() -> None:
            await asyncio.sleep(0.03)
            raise ValueError

        async with asyncio.TaskGroup() as group:
            group.create_task(job(0))
            group.create_task(fails())

    timeline = run_virtually(pattern, sleeps, 1).timeline
    assert told(timeline, 0) == (30, Canceller.GROUP, NOBODY)


def test_a_time_out_of_the_pattern_around_a_job_in_its_own_task() -> None:
    async def pattern(job: Any, count: int) -> None:
        async with asyncio.timeout(0.04):
            await job(0)

    timeline = run_virtually(pattern, sleeps, 1).timeline
    assert told(timeline, 0) == (40, Canceller.TIMEOUT, NOBODY)


def test_a_time_out_that_has_passed_when_it_is_set_is_a_time_out() -> None:
    async def job(index: int) -> None:
        async with asyncio.timeout(-1):
            await asyncio.sleep(1)

    timeline = run_tasks(job, 1, nothing)
    assert told(timeline, 0) == NEVER
    assert timeline.jobs.outcome == ("failed",)


def test_a_helper_task_of_a_job_cancels_on_its_behalf() -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def helps() -> None:
        await asyncio.sleep(0.02)
        tasks[1].cancel()

    async def job(index: int) -> None:
        if index == 0:
            await asyncio.create_task(helps())
        await asyncio.sleep(1)

    async def then(made: list[asyncio.Task[Any]]) -> None:
        tasks.extend(made)

    assert told(run_tasks(job, 2, then), 1) == (20, Canceller.JOB, 0)


def test_what_is_left_over_is_cancelled_by_asyncio_run() -> None:
    async def pattern(job: Any, count: int) -> object:
        return [asyncio.create_task(job(0))]

    timeline = run_virtually(pattern, sleeps, 1).timeline
    assert told(timeline, 0)[1:] == (Canceller.RUN, NOBODY)


def test_a_cancellation_from_another_thread_is_nobodys_and_no_step_of_the_job() -> None:
    async def pattern(job: Any, count: int) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.create_task(job(0))
        await asyncio.sleep(0)
        thread = threading.Thread(target=loop.call_soon_threadsafe, args=(task.cancel,))
        thread.start()
        thread.join()
        await asyncio.wait([task])

    timeline = run_here(pattern, sleeps, 1).timeline
    assert told(timeline, 0)[1:] == (Canceller.UNKNOWN, NOBODY)
    assert states(timeline, 0).count(State.RUNNING) == 2


def test_a_task_that_a_factory_made_is_told_of_by_its_wake_up() -> None:
    class OwnTask(asyncio.Task[Any]):
        pass

    async def pattern(job: Any, count: int) -> None:
        loop: Any = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coro, **options: OwnTask(coro, loop=loop, **options))
        task = loop.create_task(job(0))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])

    assert told(run_virtually(pattern, sleeps, 1).timeline, 0)[:2] == (50, Canceller.UNKNOWN)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_a_job_can_cancel_another_in_its_eager_start() -> None:
    async def pattern(job: Any, count: int) -> None:
        loop: Any = asyncio.get_running_loop()
        first = asyncio.create_task(job(0))
        await asyncio.sleep(0.01)
        jobs.append(first)
        asyncio.Task(job(1), loop=loop, eager_start=True)  # type: ignore[call-arg, unused-ignore]
        await asyncio.wait([first])

    jobs: list[asyncio.Task[Any]] = []

    async def job(index: int) -> None:
        if index:
            jobs[0].cancel()
        await asyncio.sleep(0.5)

    timeline = run_virtually(pattern, job, 2).timeline
    assert told(timeline, 0) == (10, Canceller.JOB, 1)


def test_a_tasks_class_reads_as_asyncios_own() -> None:
    async def pattern(job: Any, count: int) -> list[Any]:
        task = asyncio.create_task(job(0))
        await task
        return [type(task).__name__, type(task).__module__, isinstance(task, asyncio.Task)]

    shown = run_virtually(pattern, sleeps, 1).returned.value
    assert shown == [asyncio.Task.__name__, asyncio.Task.__module__, True]
