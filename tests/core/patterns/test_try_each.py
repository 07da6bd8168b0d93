"""try and except around each await: the loop over the tasks goes on."""

from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_a_failure_is_caught_where_it_is_awaited_and_the_others_are_awaited_too() -> None:
    ran = run_sleeping("try_each", 3, 0.2, failing=2)
    assert ran.returned.error is None
    assert ran.timeline.results == ("job 1", "RuntimeError('job 2 went wrong')", "job 3")
    assert ran.timeline.jobs.outcome == ("ok", "failed", "ok")
    assert ended_ms(ran.timeline) == [200, 100, 200]
    assert whole_ms(ran.timeline) == 200


def test_without_a_failure_the_results_are_in_the_order_of_the_tasks() -> None:
    assert run_sleeping("try_each", 3).returned.value == NAMES[3]
