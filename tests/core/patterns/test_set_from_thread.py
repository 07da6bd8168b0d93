from core.analysis.findings_text import findings_text
from core.timeline.timeline import State
from tests.kit.joining import run_with_threads
from tests.kit.sleeping import NAMES
from tests.kit.virtual import MS, ended_ms


def test_the_loop_sleeps_on_until_its_next_timer_though_the_results_are_there() -> None:
    ran = run_with_threads("set_from_thread", 3)
    assert ended_ms(ran.timeline) == [500] * 3
    assert ran.returned.value == NAMES[3]
    spans = ran.timeline.spans
    ready = (spans.state == State.READY) & (spans.duration_ns > MS)
    assert (spans.start_ns[ready] // MS).tolist() == [200] * 3
    assert (spans.end_ns[ready] // MS).tolist() == [500] * 3


def test_the_findings_say_that_the_loop_slept_meanwhile() -> None:
    assert "it slept, as happens where a thread sets a future and does not wake the loop." in (
        findings_text(run_with_threads("set_from_thread", 3).timeline)
    )


def test_a_job_that_fails_is_seen_as_late() -> None:
    run = run_with_threads("set_from_thread", 2, failing=1).timeline
    assert ended_ms(run) == [500, 500]
    assert run.jobs.outcome == ("ok", "failed")
