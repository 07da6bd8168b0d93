"""A time-out around shielded jobs, all of which are awaited in the end."""

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_every_job_goes_on_after_the_time_out_to_an_end_of_its_own() -> None:
    ran = run_sleeping("shield_awaited", 5, 1, Spread.FALLING, timeout_s=0.3)
    assert printed(ran, "time-out") == [(300, "time-out: the program goes on")]
    assert ended_ms(ran.timeline) == [1_000, 800, 600, 400, 200]
    assert ran.returned.value == NAMES[5]
    assert whole_ms(ran.timeline) == 1_000
    assert "cancelled" not in findings_text(ran.timeline)


def test_jobs_that_are_done_in_time_need_no_shield() -> None:
    ran = run_sleeping("shield_awaited", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]
    assert printed(ran, "time-out") == []


def test_a_job_that_fails_after_the_time_out_ends_the_pattern_when_all_have_ended() -> None:
    ran = run_sleeping("shield_awaited", 2, 0.6, failing=1, failing_after_s=0.4, timeout_s=0.3)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ran.timeline.jobs.outcome == ("failed", "ok")
    assert whole_ms(ran.timeline) == 600
