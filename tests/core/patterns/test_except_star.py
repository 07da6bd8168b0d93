"""The errors of a TaskGroup, sorted by `except*`; those of the clean-ups are among them."""

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import Ran, ended_ms, whole_ms


def of_five() -> Ran:
    return run_sleeping("except_star", 5, 0.5, Spread.FALLING, failing=3, failing_after_s=0.15)


def test_the_first_failure_cancels_the_others_and_every_second_clean_up_fails() -> None:
    ran = of_five()
    assert ended_ms(ran.timeline) == [150, 150, 150, 150, 100]
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "failed", "failed", "ok")
    assert whole_ms(ran.timeline) == 150


def test_each_handler_gets_the_errors_of_its_kind_and_none_is_missing() -> None:
    ran = of_five()
    assert ran.returned.error is None
    first, *others = ran.timeline.results
    assert first == "RuntimeError('job 3 went wrong')"
    assert sorted(others) == ["OSError('clean-up 2')", "OSError('clean-up 4')"]
    assert printed(ran, "jobs:") == [(150, "jobs: (RuntimeError('job 3 went wrong'),)")]
    assert [at_ms for at_ms, _line in printed(ran, "clean-ups:")] == [150]


def test_a_job_that_failed_when_it_was_cancelled_did_not_ignore_it() -> None:
    text = findings_text(of_five().timeline)
    assert "They failed instead, the last one after 150 ms." in text
    assert "ignored" not in text


def test_without_a_failure_there_are_no_errors() -> None:
    ran = run_sleeping("except_star", 1, 0.2)
    assert ran.returned.value == []
    assert printed(ran) == printed(ran, "job 1") != []
