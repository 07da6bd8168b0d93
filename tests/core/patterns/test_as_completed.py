"""as_completed: results come in the order in which the jobs end."""

from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_the_result_of_the_job_that_ends_first_comes_first() -> None:
    ran = run_sleeping("as_completed", 3, 0.3, Spread.FALLING)
    assert ended_ms(ran.timeline) == [300, 200, 100]
    assert ran.returned.value == NAMES[3][::-1]


def test_each_result_is_received_when_its_job_ends() -> None:
    ran = run_sleeping("as_completed", 3, 0.3, Spread.FALLING)
    assert printed(ran, "received") == [
        (100, "received: job 3"),
        (200, "received: job 2"),
        (300, "received: job 1"),
    ]


def test_five_sleeps_take_as_long_as_one() -> None:
    assert whole_ms(run_sleeping("as_completed", 5, 0.2).timeline) == 200


def test_a_failure_ends_the_pattern_where_its_result_would_have_come() -> None:
    ran = run_sleeping("as_completed", 3, 0.3, Spread.FALLING, failing=1, failing_after_s=0.15)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ran.timeline.jobs.outcome == ("failed", "cancelled", "ok")
    assert whole_ms(ran.timeline) == 150
