"""A plain loop over a blocking function."""

import pytest

from core.patterns import PATTERNS
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, run_here, states


def run_blocking(count: int, fails_at: int | None = None) -> Ran:
    def job(index: int) -> int:
        if index == fails_at:
            raise ValueError("no more")
        return index

    return run_here(PATTERNS["blocking_loop"], job, count)


def test_jobs_work_one_after_another_in_the_main_thread() -> None:
    timeline = run_blocking(3).timeline
    assert_laws(timeline, jobs=3)
    assert timeline.worker_lanes == ("main",)
    assert (timeline.jobs.ended_ns[:-1] <= timeline.jobs.created_ns[1:]).all()


def test_a_job_is_never_queued_and_there_is_no_loop() -> None:
    timeline = run_blocking(3).timeline
    assert states(timeline, 0) == [State.READY, State.WORKING]
    assert len(timeline.steps) == 0


def test_results_are_in_the_order_of_the_calls() -> None:
    assert run_blocking(3).returned.value == [0, 1, 2]


@pytest.mark.parametrize("fails_at", [0, 2])
def test_a_failure_ends_the_loop(fails_at: int) -> None:
    ran = run_blocking(4, fails_at)
    assert_laws(ran.timeline, jobs=fails_at + 1)
    assert ran.timeline.jobs.outcome[-1] == "failed"
    assert ran.returned.error is not None
