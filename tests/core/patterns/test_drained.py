from core.analysis.findings_text import findings_text
from tests.kit.sleeping import error_of, run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_a_message_is_made_once_the_one_before_has_been_read() -> None:
    run = run_sleeping("drained", 6, 0.1).timeline
    assert (run.jobs.created_ns // MS).tolist() == [0, 0, 100, 200, 300, 400]
    assert ended_ms(run) == [100, 200, 300, 400, 500, 600]
    assert whole_ms(run) == 600
    assert "5 jobs were made long before they began, up to 100 ms." in findings_text(run)


def test_after_drain_the_buffer_is_below_its_high_water_mark_of_64_kb() -> None:
    results = run_sleeping("drained", 6, 0.1).timeline.results
    assert len(results) == 6
    assert set(results) <= {"0.0 MB buffered", "0.1 MB buffered"}


def test_a_failure_ends_it() -> None:
    ran = run_sleeping("drained", 2, 0.1, failing=2, failing_after_s=0.05)
    assert error_of(ran) == "RuntimeError: job 2 went wrong"
    assert ran.timeline.jobs.outcome == ("ok", "failed")
