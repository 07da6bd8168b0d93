"""Tasks of a pattern's own functions as its jobs."""

import asyncio
from typing import Any

from core.jobs import JobKind
from core.pattern import AtOnce, Pattern
from core.timeline.timeline import On, State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.virtual import MS, ended_ms, run_virtually


async def work(index: int) -> str:
    await asyncio.sleep(0.1)
    if index == 2:
        raise ValueError("the third one")
    return f"work {index}"


async def around(job: Any, count: int) -> Any:
    lock = asyncio.Lock()

    async def one(index: int) -> Any:
        await asyncio.sleep(0.05)
        async with lock:
            return await job(index)

    async def no_job() -> None:
        await asyncio.sleep(1)

    other = asyncio.create_task(no_job())
    tasks = [asyncio.create_task(one(index)) for index in range(count)]
    tasks[-1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    other.cancel()
    return results


def recorded(count: int) -> Timeline:
    pattern = Pattern(
        function=around, arranges=JobKind.COROUTINE, at_once=AtOnce.ALL, tasks_are_jobs=True
    )
    timeline = run_virtually(pattern, work, count).timeline
    assert_laws(timeline, jobs=count)
    return timeline


def test_a_job_lasts_from_the_creation_of_its_task_to_its_end() -> None:
    timeline = recorded(4)
    assert (timeline.jobs.created_ns // MS).tolist() == [0, 0, 0, 0]
    assert ended_ms(timeline) == [150, 250, 350, 0]


def test_it_ends_as_its_task_does() -> None:
    jobs = recorded(4).jobs
    assert jobs.outcome == ("ok", "ok", "failed", "cancelled")
    assert jobs.result == ("work 0", "work 1", None, None)
    assert [error and (error.kind, error.message) for error in jobs.error] == [
        None,
        None,
        ("ValueError", "the third one"),
        None,
    ]


def test_what_it_waits_for_around_the_work_is_its_own() -> None:
    spans = recorded(3).spans
    of_second = (spans.job == 1) & (spans.state == State.WAITING) & (spans.duration_ns > MS)
    assert [On(each) for each in spans.on[of_second]] == [On.TIMER, On.LOCK, On.TIMER]


def test_tasks_of_other_functions_are_no_jobs() -> None:
    assert len(recorded(2).jobs) == 2
