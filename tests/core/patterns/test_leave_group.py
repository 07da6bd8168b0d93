"""Leaving a TaskGroup by `return` cancels nothing: the group waits for all of its tasks."""

from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_the_block_is_left_only_when_all_tasks_have_ended() -> None:
    ran = run_sleeping("leave_group", 5, 1, Spread.FALLING, timeout_s=0.3)
    assert printed(ran, "enough") == [(300, "enough: 1 of 5")]
    assert ended_ms(ran.timeline) == [1_000, 800, 600, 400, 200]
    assert whole_ms(ran.timeline) == 1_000


def test_the_results_of_those_that_it_waited_for_in_vain_are_thrown_away() -> None:
    ran = run_sleeping("leave_group", 5, 1, Spread.FALLING, timeout_s=0.3)
    assert set(ran.timeline.jobs.outcome) == {"ok"}
    assert ran.returned.value == ["job 5"]


def test_jobs_that_are_done_in_time_are_all_enough() -> None:
    ran = run_sleeping("leave_group", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]
    assert printed(ran, "enough") == [(200, "enough: 3 of 3")]


def test_a_failure_does_cancel_the_others() -> None:
    ran = run_sleeping("leave_group", 3, 0.4, failing=2, timeout_s=0.3)
    assert error_of(ran).startswith("ExceptionGroup: ")
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "cancelled")
    assert whole_ms(ran.timeline) == 100
