"""The first error of a gather comes at once; the other tasks go on."""

from tests.kit.sleeping import NAMES, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_the_error_arrives_when_the_job_fails_and_the_others_end_well_later() -> None:
    ran = run_sleeping("gather_error", 4, 0.2, failing=2)
    assert printed(ran, "gather raised") == [
        (100, "gather raised RuntimeError('job 2 went wrong')")
    ]
    assert printed(ran, "others") == [(100, "3 others go on")]
    assert ended_ms(ran.timeline) == [200, 100, 200, 200]
    assert ran.timeline.jobs.outcome == ("ok", "failed", "ok", "ok")


def test_the_pattern_waits_for_all_and_returns_the_error_in_its_place() -> None:
    ran = run_sleeping("gather_error", 3, 0.2, failing=2)
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.error is None
    assert ran.timeline.results == ("job 1", "RuntimeError('job 2 went wrong')", "job 3")


def test_without_a_failure_it_is_a_gather() -> None:
    ran = run_sleeping("gather_error", 3, 0.2)
    assert ran.returned.value == NAMES[3]
    assert printed(ran, "gather") == []
