"""gather with return_exceptions: a failure is a result like others."""

from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_an_exception_stands_in_the_place_of_its_result_and_stops_nobody() -> None:
    ran = run_sleeping("gather_exceptions", 3, 0.2, failing=2)
    assert ran.returned.error is None
    assert ran.timeline.results == ("job 1", "RuntimeError('job 2 went wrong')", "job 3")
    assert ran.timeline.jobs.outcome == ("ok", "failed", "ok")
    assert ended_ms(ran.timeline) == [200, 100, 200]


def test_it_returns_when_the_last_job_has_ended_even_if_that_one_fails() -> None:
    assert whole_ms(run_sleeping("gather_exceptions", 3, 0.2, failing=1).timeline) == 200
    late = run_sleeping("gather_exceptions", 3, 0.2, failing=1, failing_after_s=0.5)
    assert whole_ms(late.timeline) == 500


def test_without_a_failure_it_is_a_gather() -> None:
    assert run_sleeping("gather_exceptions", 3).returned.value == NAMES[3]
