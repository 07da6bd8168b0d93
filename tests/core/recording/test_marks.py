"""Job marks: how a job that is called begins and ends."""

import asyncio
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from core.jobs import BlockingJob, CoroutineJob, JobKind, waiting_for_connection
from core.recording.events import NOBODY, Kind, Then
from core.recording.marks import MarkedBlockingJob, MarkedCoroutineJob
from core.recording.recorder import JobError, Recorder
from tests.core.laws import assert_laws, assert_one_end_recorded_each
from tests.core.virtual import MS, VirtualClock, pattern_of, run_here, run_virtually, table


async def workload(index: int) -> int:
    return index


def blocking(index: int) -> int:
    return 10 // index


def test_a_marked_coroutine_carries_the_workloads_name() -> None:
    marked = MarkedCoroutineJob(partial(workload), Recorder())
    coroutine: Any = marked(0)
    assert (coroutine.__name__, coroutine.__qualname__) == ("workload", "workload")
    coroutine.close()


def test_a_marked_coroutine_is_known_by_its_number_and_others_are_not() -> None:
    marked = MarkedCoroutineJob(workload, Recorder())
    coroutine, other = marked(5), workload(0)
    assert marked.number_of(coroutine) == 5
    assert marked.number_of(other) == NOBODY
    assert marked.number_of(None) == NOBODY
    coroutine.close()
    other.close()


def test_a_marked_job_does_its_work_on_a_loop_that_does_not_record() -> None:
    assert asyncio.run(MarkedCoroutineJob(workload, Recorder())(7)) == 7


def test_a_blocking_job_outside_of_any_loop_works_in_the_calling_thread() -> None:
    recorder = Recorder(clock=VirtualClock())
    assert MarkedBlockingJob(blocking, recorder)(5) == 2
    rows = table(recorder.take().events)
    assert rows[:, 0].tolist() == [Kind.CREATED, Kind.TAKEN, Kind.WORKED]
    assert recorder.results == {5: 2}


def test_a_blocking_job_that_fails_is_recorded_and_its_error_goes_on() -> None:
    recorder = Recorder()
    with pytest.raises(ZeroDivisionError):
        MarkedBlockingJob(blocking, recorder)(0)
    assert recorder.errors[0].kind == "ZeroDivisionError"
    assert recorder.results == {}


def waits_for_connection(index: int) -> int:
    with waiting_for_connection():
        clock.move(10 * MS)
    return index


clock = VirtualClock()


def test_work_that_waits_for_a_connection_is_recorded_in_pieces() -> None:
    recorder = Recorder(clock=clock)
    assert MarkedBlockingJob(waits_for_connection, recorder)(0) == 0
    rows = table(recorder.take().events)[1:]
    assert rows[:, 0].tolist() == [Kind.TAKEN, Kind.WORKED] * 2
    assert (rows[:, 5] % 256).tolist() == [Then.NOTHING, Then.CONNECTION, Then.NOTHING, Then.OK]
    assert (rows[3, 3] - rows[1, 4]) // MS == 10


def test_a_wait_for_a_connection_that_fails_belongs_to_the_job_all_the_same() -> None:
    recorder = Recorder()

    def fails(index: int) -> None:
        with waiting_for_connection():
            raise TimeoutError

    with pytest.raises(TimeoutError):
        MarkedBlockingJob(fails, recorder)(0)
    rows = table(recorder.take().events)
    assert (rows[1:, 5] % 256).tolist()[-3:] == [Then.CONNECTION, Then.NOTHING, Then.FAILED]


def test_a_wait_for_a_connection_outside_of_any_job_is_nothing() -> None:
    assert waits_for_connection(7) == 7


def test_a_coroutine_that_goes_before_it_began_ends_its_job_as_lost_at_that_moment() -> None:
    clock = VirtualClock()

    async def pattern(job: CoroutineJob, count: int) -> None:
        coroutine = job(0)
        clock.now_ns += 10 * MS
        coroutine.close()
        del coroutine
        clock.now_ns += 10 * MS

    async def job(index: int) -> None:
        raise AssertionError

    ran = run_virtually(pattern, job, 1, clock=clock)
    assert_laws(ran.timeline, jobs=1)
    assert ran.timeline.jobs.outcome == ("lost",)
    assert int(ran.timeline.jobs.ended_ns[0]) // MS == 10
    assert ran.recorder.unbegun == {}


def test_a_task_cancelled_before_it_began_has_one_end() -> None:
    async def pattern(job: CoroutineJob, count: int) -> None:
        task = asyncio.create_task(job(0))
        task.cancel()
        await asyncio.wait([task])

    async def job(index: int) -> None:
        raise AssertionError

    ran = run_virtually(pattern, job, 1)
    assert_one_end_recorded_each(ran.rows)
    assert ran.timeline.jobs.outcome == ("cancelled",)


class Big:
    pass


def test_results_that_the_program_drops_are_freed_during_the_run() -> None:
    async def big(index: int) -> Big:
        await asyncio.sleep(0)
        return Big()

    async def pattern(job: CoroutineJob, count: int) -> int:
        alive: weakref.WeakSet[object] = weakref.WeakSet()
        most = 0
        for index in range(count):
            alive.add(await job(index))
            most = max(most, len(alive))
        return most

    ran = run_virtually(pattern, big, 10)
    assert ran.returned.value == 0
    assert ran.timeline.jobs.result == ("<Big object>",) * 10


def test_results_of_blocking_jobs_are_freed_too() -> None:
    def big(index: int) -> Big:
        return Big()

    def pattern(job: BlockingJob, count: int) -> int:
        alive: weakref.WeakSet[object] = weakref.WeakSet()
        with ThreadPoolExecutor(1) as pool:
            for index in range(count):
                alive.add(job(index))
                alive.add(pool.submit(job, index).result(10))
        return len(alive)

    assert run_here(pattern_of(pattern, JobKind.BLOCKING), big, 10).returned.value == 0


def test_an_error_without_a_text_reaches_the_program_as_it_is() -> None:
    class Bad(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    async def bad(index: int) -> None:
        raise Bad

    async def pattern(job: CoroutineJob, count: int) -> str:
        try:
            await job(0)
        except Bad as error:
            return type(error).__name__
        return ""

    ran = run_virtually(pattern, bad, 1)
    assert ran.returned.value == "Bad"
    assert ran.timeline.jobs.error == (JobError(kind="Bad", message="<exception str() failed>"),)
