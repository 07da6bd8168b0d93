from core.analysis.findings_text import findings_text
from tests.kit.joining import run_with_threads
from tests.kit.sleeping import NAMES
from tests.kit.virtual import ended_ms


def test_the_loop_wakes_as_soon_as_there_are_results() -> None:
    ran = run_with_threads("call_soon_threadsafe", 3)
    assert ended_ms(ran.timeline) == [200] * 3
    assert ran.returned.value == NAMES[3]
    assert findings_text(ran.timeline) == ""


def test_a_job_that_fails_is_seen_at_once() -> None:
    run = run_with_threads("call_soon_threadsafe", 2, failing=1).timeline
    assert ended_ms(run) == [200, 200]
    assert run.jobs.outcome == ("ok", "failed")
