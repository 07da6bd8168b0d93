"""Blocking jobs handed to a pool of threads."""

import asyncio
import threading
from collections.abc import Callable

import numpy as np

from core.patterns import PATTERNS
from core.recording.pools import RecordedThreadPool
from core.recording.recorder import Recorder
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, pattern_of, run_here, states

TOGETHER_S = 10
PATTERN = PATTERNS["run_in_executor"]


def run_in_pool(job: Callable[[int], object], count: int, workers: int) -> Ran:
    recorder = Recorder()
    with RecordedThreadPool(recorder, max_workers=workers) as pool:
        ran = run_here(PATTERN, job, count, recorder=recorder, extras={"executor": pool})
    assert_laws(ran.timeline, jobs=count)
    return ran


def test_a_pool_of_three_runs_eight_jobs_in_three_waves() -> None:
    waves = [threading.Barrier(3), threading.Barrier(3), threading.Barrier(2)]

    def job(index: int) -> int:
        waves[index // 3].wait(TOGETHER_S)
        return index

    ran = run_in_pool(job, 8, workers=3)
    assert ran.returned.value == list(range(8))
    assert ran.timeline.worker_lanes == ("thread-1", "thread-2", "thread-3")
    spans = ran.timeline.spans
    working = spans.state == State.WORKING
    lanes = {job: spans.lane[working & (spans.job == job)].tolist() for job in range(8)}
    assert [
        len({tuple(lanes[job]) for job in wave}) for wave in ((0, 1, 2), (3, 4, 5), (6, 7))
    ] == [
        3,
        3,
        2,
    ]


def test_a_job_is_queued_until_a_worker_takes_it() -> None:
    timeline = run_in_pool(lambda index: index, 5, workers=1).timeline
    assert [states(timeline, job) for job in range(5)] == [[State.QUEUED, State.WORKING]] * 5
    working = timeline.spans.state == State.WORKING
    assert np.array_equal(timeline.spans.job[working], np.arange(5))


def test_the_loop_is_free_while_a_worker_works() -> None:
    worked = threading.Event()

    async def pattern(job: Callable[[int], object], count: int) -> list[object]:
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(None, job, 0)
        await asyncio.sleep(0)
        worked.set()
        return [await future]

    ran = run_here(
        pattern_of(pattern, PATTERN.arranges),
        lambda _: worked.wait(TOGETHER_S),
        1,
    )
    assert_laws(ran.timeline, jobs=1)
    assert ran.returned.value == [True]


def test_a_failure_keeps_its_type_and_message() -> None:
    def job(index: int) -> None:
        raise LookupError(f"no {index}")

    ran = run_in_pool(job, 1, workers=1)
    assert ran.timeline.jobs.outcome == ("failed",)
    error = ran.timeline.jobs.error[0]
    assert error is not None
    assert error.as_dict() == {"type": "LookupError", "message": "no 0"}


def test_jobs_still_queued_when_the_pattern_is_cancelled_end_as_cancelled() -> None:
    begun, free = threading.Event(), threading.Event()

    def job(index: int) -> None:
        begun.set()
        free.wait(TOGETHER_S)

    async def pattern(job: Callable[[int], object], count: int) -> None:
        loop = asyncio.get_running_loop()
        futures = [loop.run_in_executor(pool, job, index) for index in range(count)]
        await asyncio.to_thread(begun.wait, TOGETHER_S)
        for future in futures:
            future.cancel("enough")
        await asyncio.sleep(0)  # the loop's next turn takes the cancellation to the pool
        await asyncio.wait(futures)
        free.set()

    recorder = Recorder()
    with RecordedThreadPool(recorder, max_workers=1) as pool:
        ran = run_here(
            pattern_of(pattern, PATTERN.arranges),
            job,
            3,
            recorder=recorder,
        )
    assert_laws(ran.timeline, jobs=3)
    assert ran.timeline.jobs.outcome[1:] == ("cancelled", "cancelled")
