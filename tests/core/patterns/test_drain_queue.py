"""A signal after which what was accepted is done: nothing is lost."""

from core.analysis.findings_text import findings_text
from tests.kit.sleeping import NAMES, printed, run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_all_that_was_accepted_is_done_before_the_workers_end() -> None:
    ran = run_sleeping("drain_queue", 6, 0.1, limit=2, timeout_s=0.15)
    assert (ran.timeline.jobs.created_ns // MS).tolist() == [0, 10, 20, 30, 40, 50]
    assert ended_ms(ran.timeline) == [100, 110, 200, 210, 300, 310]
    assert ran.returned.value == NAMES[6]
    assert whole_ms(ran.timeline) == 310
    assert printed(ran, "never awaited") == []
    assert "cancelled" not in findings_text(ran.timeline)


def test_nothing_more_is_accepted_after_the_signal() -> None:
    ran = run_sleeping("drain_queue", 6, 0.1, limit=2, timeout_s=0.025, jobs=3)
    assert ended_ms(ran.timeline) == [100, 110, 200]
    assert ran.returned.value == [*NAMES[3], None, None, None]


def test_a_job_that_fails_does_not_keep_the_service_from_ending() -> None:
    ran = run_sleeping("drain_queue", 3, 0.2, limit=1, timeout_s=0.05, failing=2)
    assert ran.timeline.jobs.outcome == ("ok", "failed", "ok")
    assert ran.returned.value == ["job 1", None, "job 3"]
    assert printed(ran, "went wrong") == [(300, "RuntimeError('job 2 went wrong')")]
    assert whole_ms(ran.timeline) == 500


def test_a_signal_after_the_work_ends_nothing_but_the_wait_for_it() -> None:
    ran = run_sleeping("drain_queue", 2, 0.1, limit=2, timeout_s=0.3)
    assert ran.returned.value == NAMES[2]
    assert whole_ms(ran.timeline) == 300
