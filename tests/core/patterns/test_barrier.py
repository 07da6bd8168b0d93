from core.analysis.findings_text import findings_text
from core.jobs import Spread
from core.timeline.timeline import On, State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms, no_collections, whole_ms


def test_all_end_when_the_slowest_has_come() -> None:
    ran = run_sleeping("barrier", 4, 0.4, Spread.FALLING)
    assert ended_ms(ran.timeline) == [400] * 4
    assert whole_ms(ran.timeline) == 400
    assert ran.returned.value == NAMES[4]


def test_each_waits_at_the_barrier_from_the_end_of_its_work_on() -> None:
    spans = run_sleeping("barrier", 4, 0.4, Spread.FALLING).timeline.spans
    (waits,) = ((spans.state == State.WAITING) & (spans.on == On.BARRIER)).nonzero()
    assert spans.job[waits].tolist() == [1, 2, 3]
    assert (spans.start_ns[waits] // MS).tolist() == [300, 200, 100]
    assert spans.waker[waits + 1].tolist() == [0, 0, 0]


def test_who_came_last_is_told() -> None:
    run = run_sleeping("barrier", 4, 0.4, Spread.FALLING).timeline
    assert findings_text(run) == (
        "3 jobs waited at a barrier, the longest was job 4: 300 ms, until job 1 came."
    )
    run = run_sleeping("barrier", 2, 0.4, Spread.FALLING).timeline
    assert findings_text(run) == "Job 2 waited 200 ms at a barrier, until job 1 came."


def test_jobs_that_take_the_same_time_do_not_wait_for_each_other() -> None:
    assert findings_text(run_sleeping("barrier", 4, 0.2).timeline) == ""


def test_where_one_fails_the_others_are_cancelled_at_the_barrier() -> None:
    with no_collections():
        ran = run_sleeping("barrier", 3, 0.6, Spread.FALLING, failing=1, failing_after_s=0.5)
    assert ran.timeline.jobs.outcome == ("failed", "cancelled", "cancelled")
    assert ended_ms(ran.timeline) == [500] * 3
