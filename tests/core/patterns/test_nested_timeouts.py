"""A time-out of each job inside of one for all: each block tells its own time-out."""

from core.jobs import Spread
from tests.kit.sleeping import NAMES, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_the_inner_time_out_ends_each_job_with_a_time_out_error() -> None:
    ran = run_sleeping("nested_timeouts", 3, 0.9, Spread.FALLING, timeout_s=0.4)
    assert ended_ms(ran.timeline) == [400, 400, 300]
    assert ran.timeline.jobs.outcome == ("failed", "failed", "ok")
    assert ran.timeline.results == ("TimeoutError()", "TimeoutError()", "job 3")
    assert printed(ran, "outer") == []
    assert whole_ms(ran.timeline) == 400


def test_the_outer_one_cancels_a_clean_up_that_the_inner_one_began() -> None:
    ran = run_sleeping("nested_timeouts", 5, 1, Spread.FALLING, workload="cleanup", timeout_s=0.3)
    assert ended_ms(ran.timeline) == [480, 480, 450, 400, 250]
    assert ran.timeline.jobs.outcome == ("cancelled", "cancelled", "failed", "failed", "ok")
    assert printed(ran, "cleaned up") != printed(ran, "job 1 has cleaned up") == []
    assert printed(ran, "outer") == [(480, "the outer time-out")]
    assert whole_ms(ran.timeline) == 480


def test_who_was_cut_in_the_clean_up_does_not_end_with_a_time_out_error() -> None:
    ran = run_sleeping("nested_timeouts", 5, 1, Spread.FALLING, workload="cleanup", timeout_s=0.3)
    cancelled, timed_out = "CancelledError('')", "TimeoutError()"
    assert ran.timeline.results == (cancelled, cancelled, timed_out, timed_out, "job 5")


def test_jobs_that_are_done_in_time_notice_no_time_out() -> None:
    ran = run_sleeping("nested_timeouts", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]


def test_a_job_that_fails_leaves_the_others_alone() -> None:
    ran = run_sleeping("nested_timeouts", 3, 0.2, failing=2, timeout_s=0.3)
    assert ran.timeline.jobs.outcome == ("ok", "failed", "ok")
