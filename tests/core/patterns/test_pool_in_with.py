"""The end of a `with` around a pool: the loop waits there for the threads."""

import asyncio

import numpy as np

from core.patterns import PATTERNS
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, run_here, states


def run_pools(count: int) -> Ran:
    def blocking(index: int) -> int:
        return index

    async def job(index: int) -> int:
        await asyncio.sleep(0)
        return index

    ran = run_here(PATTERNS["pool_in_with"], job, count, extras={"blocking_job": blocking})
    assert_laws(ran.timeline, jobs=count)
    return ran


def test_one_step_holds_the_loop_for_the_whole_work_of_the_thread() -> None:
    timeline = run_pools(4).timeline
    spans, steps = timeline.spans, timeline.steps
    working = np.flatnonzero(spans.state == State.WORKING)
    assert spans.job[working].tolist() == [0, 2]
    for span in working:
        holding = (steps.start_ns <= spans.start_ns[span]) & (spans.end_ns[span] <= steps.end_ns)
        assert holding.sum() == 1


def test_each_blocking_job_works_in_a_thread_of_its_own() -> None:
    timeline = run_pools(4).timeline
    assert timeline.worker_lanes == ("thread-1", "thread-2")
    assert [states(timeline, job) for job in (0, 2)] == [[State.QUEUED, State.WORKING]] * 2


def test_a_coroutine_that_is_ready_begins_only_after_the_thread_has_ended() -> None:
    timeline = run_pools(2).timeline
    own = timeline.spans.job == 1
    begun_ns = timeline.spans.start_ns[own & (timeline.spans.state == State.RUNNING)].min()
    assert begun_ns > timeline.jobs.ended_ns[0]
    assert State.READY in states(timeline, 1)


def test_results_keep_the_order_of_the_arguments() -> None:
    assert run_pools(5).returned.value == [0, 1, 2, 3, 4]
