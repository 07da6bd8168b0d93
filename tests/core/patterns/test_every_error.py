"""A gather that returns exceptions, all of which are raised together."""

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from tests.kit.sleeping import error_of, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_all_jobs_are_seen_through_and_all_errors_raised_at_the_end() -> None:
    ran = run_sleeping("every_error", 5, 0.5, Spread.FALLING, failing=3, failing_after_s=0.15)
    assert error_of(ran) == "ExceptionGroup: some failed (3 sub-exceptions)"
    assert ended_ms(ran.timeline) == [500, 400, 150, 200, 100]
    assert ran.timeline.jobs.outcome == ("ok", "failed", "failed", "failed", "ok")
    assert whole_ms(ran.timeline) == 500


def test_none_is_said_to_be_missing() -> None:
    ran = run_sleeping("every_error", 5, 0.5, Spread.FALLING, failing=3, failing_after_s=0.15)
    assert findings_text(ran.timeline) == (
        "3 jobs failed (2 × OSError, 1 × RuntimeError), the first after 150 ms. "
        "The pattern ended with ExceptionGroup: some failed (3 sub-exceptions)"
    )


def test_a_single_job_without_a_failure_is_returned() -> None:
    assert run_sleeping("every_error", 1, 0.2).returned.value == ["job 1"]
