from core.analysis.findings_text import findings_text
from core.jobs import Spread
from core.timeline.timeline import On, State
from tests.kit.sleeping import NAMES, error_of, run_sleeping
from tests.kit.virtual import MS, ended_ms, no_collections, whole_ms


def test_all_others_begin_when_the_first_has_set_the_event() -> None:
    ran = run_sleeping("event", 4, 0.4, Spread.FALLING)
    assert ended_ms(ran.timeline) == [400, 700, 600, 500]
    assert whole_ms(ran.timeline) == 700
    assert ran.returned.value == NAMES[4]


def test_their_waits_are_on_an_event_and_end_by_the_first_job() -> None:
    spans = run_sleeping("event", 3, 0.2).timeline.spans
    (waits,) = ((spans.state == State.WAITING) & (spans.on == On.EVENT)).nonzero()
    assert spans.job[waits].tolist() == [1, 2]
    assert (spans.end_ns[waits] // MS).tolist() == [200, 200]
    assert spans.waker[waits + 1].tolist() == [0, 0]


def test_who_waited_for_it_and_who_set_it_is_told() -> None:
    assert findings_text(run_sleeping("event", 4, 0.2).timeline) == (
        "3 jobs waited for an event, the longest was job 2: 200 ms, until job 1 set it."
    )
    assert findings_text(run_sleeping("event", 2, 0.2).timeline) == (
        "Job 2 waited 200 ms for an event, until job 1 set it."
    )


def test_where_the_first_fails_nobody_sets_it_and_the_others_are_cancelled() -> None:
    with no_collections():
        ran = run_sleeping("event", 3, 0.2, failing=1)
    assert ran.timeline.jobs.outcome == ("failed", "cancelled", "cancelled")
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ended_ms(ran.timeline) == [100] * 3


def test_one_job_alone_sets_it_for_nobody() -> None:
    ran = run_sleeping("event", 1, 0.2)
    assert ran.returned.value == ["job 1"]
    assert findings_text(ran.timeline) == ""
