"""A time-out on threads: the waiting ends, the work does not."""

import asyncio
import threading
from collections.abc import Callable

from core.jobs import JobKind
from core.patterns.thread_timeout import thread_timeout
from core.recording.loop import RecordingLoop
from core.recording.pools import RecordedThreadPool
from core.recording.recorder import Recorder
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import (
    Ran,
    Ready,
    VirtualClock,
    VirtualSelector,
    pattern_of,
    run_here,
    states,
    whole_ms,
)

TOGETHER_S = 10


def run_given_up(count: int, workers: int) -> Ran:
    """Let the workers begin, the time-out pass and the pattern return; only then they may end."""
    begun, free = threading.Event(), threading.Event()
    together = threading.Barrier(workers, begun.set)
    clock = VirtualClock()
    recorder = Recorder(clock=clock)

    class AfterTheyHaveBegun(VirtualSelector):
        def select(self, timeout: float | None = None) -> Ready:
            if timeout:
                assert begun.wait(TOGETHER_S)
            return super().select(None if timeout and free.is_set() else timeout)

    def job(index: int) -> int:
        together.wait(TOGETHER_S)
        assert free.wait(TOGETHER_S)
        return index

    async def pattern(job: Callable[[int], object], count: int) -> list[object]:
        pool = RecordedThreadPool(recorder, max_workers=workers)
        asyncio.get_running_loop().set_default_executor(pool)
        results: list[object] = await thread_timeout(job, count, 0.1)
        asyncio.get_running_loop().call_later(0.1, free.set)
        return results

    ran = run_here(
        pattern_of(pattern, JobKind.BLOCKING),
        job,
        count,
        recorder=recorder,
        make_loop=lambda recorder: RecordingLoop(recorder, AfterTheyHaveBegun(clock)),
    )
    assert_laws(ran.timeline, jobs=count)
    return ran


def test_the_pattern_returns_at_its_time_out_and_the_threads_work_on() -> None:
    timeline = run_given_up(3, workers=3).timeline
    assert whole_ms(timeline) == 100
    assert (timeline.jobs.ended_ns > timeline.wall_ns).all()
    assert timeline.jobs.outcome == ("ok",) * 3
    assert [states(timeline, job)[-1] for job in range(3)] == [State.WORKING] * 3


def test_their_results_come_too_late_for_the_pattern() -> None:
    timeline = run_given_up(2, workers=2).timeline
    assert timeline.results == ("TimeoutError()",) * 2
    assert timeline.jobs.result == ("0", "1")


def test_a_job_that_no_thread_has_taken_can_still_be_cancelled() -> None:
    timeline = run_given_up(3, workers=1).timeline
    assert timeline.jobs.outcome == ("ok", "cancelled", "cancelled")
    assert [states(timeline, job) for job in (1, 2)] == [[State.QUEUED]] * 2
    assert timeline.results == ("TimeoutError()",) * 3
