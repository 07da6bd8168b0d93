from core.analysis.findings_text import findings_text
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import ended_ms


def test_each_task_does_its_work_and_is_refused_to_await_itself() -> None:
    ran = run_sleeping("awaits_itself", 2, 0.2)
    run = ran.timeline
    assert ended_ms(run) == [200, 200]
    assert run.jobs.outcome == ("failed", "failed")
    assert isinstance(ran.returned.value, list)
    assert [str(error)[:27] for error in ran.returned.value] == ["Task cannot await on itself"] * 2
    assert run.deadlocks == ()
    assert findings_text(run).startswith("2 jobs failed (RuntimeError), the first after 200 ms.")
