"""Tasks that are not done after a while are cancelled, and end when they say so."""

from core.jobs import Spread
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_what_is_not_done_in_time_is_cancelled_at_that_moment() -> None:
    ran = run_sleeping("cancel_tasks", 4, 0.4, Spread.FALLING, timeout_s=0.25)
    assert ended_ms(ran.timeline) == [250, 250, 200, 100]
    assert ran.timeline.jobs.outcome == ("cancelled", "cancelled", "ok", "ok")
    assert ran.timeline.results == ("CancelledError('')", "CancelledError('')", "job 3", "job 4")
    assert whole_ms(ran.timeline) == 250


def test_the_pattern_waits_for_jobs_that_clean_up() -> None:
    timeline = run_sleeping("cancel_tasks", 2, 0.4, workload="cleanup", timeout_s=0.1).timeline
    assert ended_ms(timeline) == [200, 200]
    assert timeline.jobs.outcome == ("cancelled", "cancelled")
    assert whole_ms(timeline) == 200


def test_jobs_that_swallow_their_cancellation_are_waited_for_to_their_end() -> None:
    ran = run_sleeping("cancel_tasks", 2, 0.4, workload="stubborn", timeout_s=0.1)
    assert ended_ms(ran.timeline) == [400, 400]
    assert ran.returned.value == NAMES[2]


def test_nothing_is_cancelled_if_all_are_done_in_time() -> None:
    ran = run_sleeping("cancel_tasks", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]
    assert whole_ms(ran.timeline) == 200


def test_a_job_that_fails_stops_nobody() -> None:
    ran = run_sleeping("cancel_tasks", 3, 0.2, failing=1, timeout_s=0.3)
    assert ran.timeline.jobs.outcome == ("failed", "ok", "ok")
    assert ran.returned.error is None
