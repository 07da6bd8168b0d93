"""A time-out that ends the wait alone: what is shielded goes on as long as the program does."""

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_shielded_jobs_go_on_after_the_time_out_until_the_program_ends() -> None:
    ran = run_sleeping("shield", 5, 1, Spread.FALLING, timeout_s=0.3)
    assert printed(ran, "time-out") == [(300, "time-out: the program goes on")]
    assert ended_ms(ran.timeline) == [450, 450, 450, 400, 200]
    assert ran.timeline.jobs.outcome == ("cancelled", "cancelled", "cancelled", "ok", "ok")
    assert whole_ms(ran.timeline) == 450


def test_what_is_not_done_by_then_is_lost_and_the_sentence_says_by_whom() -> None:
    ran = run_sleeping("shield", 5, 1, Spread.FALLING, timeout_s=0.3)
    assert ran.returned.value == ["job 4", "job 5"]
    assert findings_text(ran.timeline) == (
        "3 jobs were cancelled by asyncio.run, after the pattern had returned."
    )


def test_jobs_that_are_done_in_time_need_no_shield() -> None:
    ran = run_sleeping("shield", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]
    assert whole_ms(ran.timeline) == 200


def test_a_job_that_fails_before_the_time_out_ends_the_pattern_with_its_error() -> None:
    ran = run_sleeping("shield", 3, 0.4, failing=2, timeout_s=0.3)
    assert error_of(ran) == "RuntimeError: job 2 went wrong"
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "cancelled")
    assert whole_ms(ran.timeline) == 100
