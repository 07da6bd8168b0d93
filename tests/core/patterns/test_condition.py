from core.analysis.findings_text import findings_text
from core.jobs import Spread
from core.timeline.timeline import On, State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms, no_collections


def test_each_job_begins_when_the_one_before_has_changed_the_turn() -> None:
    ran = run_sleeping("condition", 4, 0.4, Spread.FALLING)
    assert ended_ms(ran.timeline) == [400, 700, 900, 1_000]
    assert ran.returned.value == NAMES[4]


def test_a_change_wakes_all_that_wait_and_those_whose_turn_it_is_not_wait_again() -> None:
    spans = run_sleeping("condition", 4, 0.2).timeline.spans
    waits = (spans.state == State.WAITING) & (spans.on == On.CONDITION)
    waits &= spans.duration_ns >= MS
    assert spans.job[waits].tolist() == [1, 2, 2, 3, 3, 3]
    assert (spans.end_ns[waits] // MS).tolist() == [200, 200, 400, 200, 400, 600]


def test_how_often_the_last_was_woken_is_told() -> None:
    assert findings_text(run_sleeping("condition", 4, 0.2).timeline) == (
        "3 jobs waited for a condition, the longest was job 4: 600 ms (woken 3×)."
    )
    assert findings_text(run_sleeping("condition", 2, 0.2).timeline) == (
        "Job 2 waited 200 ms for a condition (woken 1×)."
    )


def test_where_one_fails_the_turn_never_changes_and_the_others_are_cancelled() -> None:
    with no_collections():
        ran = run_sleeping("condition", 4, 0.2, failing=2)
    assert ran.timeline.jobs.outcome == ("ok", "failed", "cancelled", "cancelled")
    assert ended_ms(ran.timeline) == [200, 300, 300, 300]
