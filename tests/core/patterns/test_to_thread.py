"""Blocking calls in threads: the loop is free for the others."""

import asyncio
import threading

from core.patterns import PATTERNS
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, run_here, states

TOGETHER_S = 10


def run_meeting() -> Ran:
    """Run two pairs, where the blocking job of each goes on once the coroutine has ended."""
    met = {index: threading.Event() for index in (0, 2)}

    def blocking(index: int) -> bool:
        return met[index].wait(TOGETHER_S)

    async def job(index: int) -> bool:
        await asyncio.sleep(0)
        met[index - 1].set()
        return True

    ran = run_here(PATTERNS["to_thread"], job, 4, extras={"blocking_job": blocking})
    assert_laws(ran.timeline, jobs=4)
    return ran


def test_coroutines_come_to_their_end_while_threads_are_blocked() -> None:
    ran = run_meeting()
    assert ran.returned.value == [True] * 4
    assert ran.timeline.jobs.outcome == ("ok",) * 4


def test_blocking_jobs_work_in_threads_and_coroutines_run_on_the_loop() -> None:
    timeline = run_meeting().timeline
    assert [states(timeline, job)[-1] for job in range(4)] == [State.WORKING, State.RUNNING] * 2
    working = timeline.spans.state == State.WORKING
    assert timeline.spans.job[working].tolist() == [0, 2]
    assert all(lane.startswith("thread-") for lane in timeline.worker_lanes)


def test_a_failure_in_a_thread_is_raised_where_it_is_awaited() -> None:
    def blocking(index: int) -> None:
        raise LookupError(f"no {index}")

    async def job(index: int) -> None:
        return None

    ran = run_here(PATTERNS["to_thread"], job, 1, extras={"blocking_job": blocking})
    assert ran.timeline.jobs.outcome == ("failed",)
    assert ran.returned.error is not None
    assert ran.returned.error.as_dict() == {"type": "LookupError", "message": "no 0"}
