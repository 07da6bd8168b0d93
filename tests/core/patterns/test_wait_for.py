"""A time-out of its own for each job."""

from core.jobs import Spread
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_each_job_that_is_not_done_in_time_is_cancelled_at_that_moment() -> None:
    ran = run_sleeping("wait_for", 4, 0.4, Spread.FALLING, timeout_s=0.25)
    assert ended_ms(ran.timeline) == [250, 250, 200, 100]
    assert ran.timeline.jobs.outcome == ("cancelled", "cancelled", "ok", "ok")
    assert ran.timeline.results == ("TimeoutError()", "TimeoutError()", "job 3", "job 4")
    assert whole_ms(ran.timeline) == 250


def test_a_time_out_waits_for_a_job_that_cleans_up() -> None:
    ran = run_sleeping("wait_for", 2, 0.4, workload="cleanup", timeout_s=0.1)
    assert ended_ms(ran.timeline) == [200, 200]
    assert ran.timeline.results == ("TimeoutError()", "TimeoutError()")


def test_a_job_that_swallows_its_cancellation_has_a_result_after_all() -> None:
    ran = run_sleeping("wait_for", 2, 0.4, workload="stubborn", timeout_s=0.1)
    assert ended_ms(ran.timeline) == [400, 400]
    assert ran.returned.value == NAMES[2]


def test_a_job_that_fails_stops_nobody() -> None:
    ran = run_sleeping("wait_for", 2, 0.2, failing=1, timeout_s=0.3)
    assert ran.timeline.results == ("RuntimeError('job 1 went wrong')", "job 2")
    assert ended_ms(ran.timeline) == [100, 200]
