"""TaskGroups inside of a TaskGroup: `except*` looks for errors in all groups, at any depth."""

from core.jobs import Spread
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import Ran, ended_ms, whole_ms

INNER = "ExceptionGroup('unhandled errors in a TaskGroup', [{}])"


def of_five() -> Ran:
    return run_sleeping("nested_groups", 5, 0.5, Spread.FALLING, failing=3, failing_after_s=0.15)


def test_a_failure_in_one_group_ends_its_own_group_and_the_other_one() -> None:
    ran = of_five()
    assert ended_ms(ran.timeline) == [150, 150, 150, 150, 100]
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "failed", "failed", "ok")
    assert whole_ms(ran.timeline) == 150


def test_each_handler_gets_its_errors_in_the_groups_from_which_they_come() -> None:
    ran = of_five()
    assert ran.returned.error is None
    assert sorted(ran.timeline.results) == [
        INNER.format("OSError('clean-up 2')"),
        INNER.format("OSError('clean-up 4')"),
        INNER.format("RuntimeError('job 3 went wrong')"),
    ]
    assert [at_ms for at_ms, _line in printed(ran, "jobs:")] == [150]


def test_without_a_failure_there_are_no_errors() -> None:
    assert run_sleeping("nested_groups", 1, 0.2).returned.value == []
