from core.analysis.findings_text import findings_text
from core.timeline.timeline import On, State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms


def test_what_the_generator_holds_is_free_when_the_one_that_left_it_has_ended() -> None:
    ran = run_sleeping("left_by_break", 4, 0.2)
    assert ended_ms(ran.timeline) == [200, 400, 600, 800]
    assert ran.returned.value == NAMES[4]


def test_the_others_wait_for_the_lock_of_those_that_need_it_no_more() -> None:
    run = run_sleeping("left_by_break", 3, 0.2).timeline
    spans = run.spans
    waits = (spans.state == State.WAITING) & (spans.on == On.LOCK)
    assert spans.job[waits].tolist() == [1, 2]
    assert "2 jobs waited for a lock that others held, the longest was job 3: 400 ms" in (
        findings_text(run)
    )


def test_one_job_alone_has_nobody_to_keep_waiting() -> None:
    assert findings_text(run_sleeping("left_by_break", 1, 0.2).timeline) == ""
