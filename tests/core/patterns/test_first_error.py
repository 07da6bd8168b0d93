"""A gather of which several jobs fail: its caller sees the first error and no other one."""

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_the_first_error_is_seen_when_it_happens_and_the_others_never_are() -> None:
    ran = run_sleeping("first_error", 5, 0.5, Spread.FALLING, failing=3, failing_after_s=0.15)
    assert printed(ran, "seen") == [(150, "seen: RuntimeError('job 3 went wrong')")]
    assert ended_ms(ran.timeline) == [500, 400, 150, 200, 100]
    assert ran.timeline.jobs.outcome == ("ok", "failed", "failed", "failed", "ok")
    assert ran.timeline.results == ("RuntimeError('job 3 went wrong')",)
    assert whole_ms(ran.timeline) == 500


def test_the_sentence_says_how_many_of_the_errors_came_back() -> None:
    ran = run_sleeping("first_error", 5, 0.5, Spread.FALLING, failing=3, failing_after_s=0.15)
    assert findings_text(ran.timeline) == (
        "3 jobs failed (2 × OSError, 1 × RuntimeError), the first after 150 ms. "
        "Only 1 of these errors is among the results."
    )


def test_a_clean_up_that_fails_hides_the_error_before_it() -> None:
    ran = run_sleeping("first_error", 2, 0.2, failing=2)
    assert printed(ran, "seen") == [(100, "seen: OSError('clean-up 2')")]


def test_a_single_job_without_a_failure_is_returned() -> None:
    assert run_sleeping("first_error", 1, 0.2).returned.value == ["job 1"]
