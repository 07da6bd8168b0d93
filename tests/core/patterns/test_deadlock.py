from core.analysis.findings_text import findings_text
from core.jobs import Spread
from core.timeline.timeline import On, State
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_two_jobs_wait_for_each_other_and_the_others_for_them() -> None:
    run = run_sleeping("deadlock", 4, 0.2, timeout_s=1).timeline
    (found,) = run.deadlocks
    assert (found.jobs, found.at_ns // MS) == ((1, 0), 200)
    assert ended_ms(run) == [1_000] * 4
    assert whole_ms(run) == 1_000
    assert set(run.jobs.outcome) == {"cancelled"}


def test_who_holds_what_the_others_wait_for_is_known() -> None:
    run = run_sleeping("deadlock", 4, 0.2, timeout_s=1).timeline
    spans = run.spans
    waits = (spans.state == State.WAITING) & (spans.on == On.LOCK)
    assert list(zip(spans.job[waits], spans.holder[waits], strict=True)) == [
        (0, 1),
        (1, 0),
        (2, 0),
        (3, 1),
    ]
    text = findings_text(run)
    assert text.startswith("Deadlock after 200 ms: job 2 waited at core/patterns/deadlock.py:")
    assert "2 jobs waited for a lock that others held" in text


def test_one_job_alone_has_nobody_to_wait_for() -> None:
    ran = run_sleeping("deadlock", 1, 0.2, timeout_s=1)
    assert ran.returned.value == ["job 1"]
    assert ran.timeline.deadlocks == ()


def test_jobs_of_different_lengths_wait_from_the_end_of_the_longer_one_on() -> None:
    run = run_sleeping("deadlock", 2, 0.4, Spread.FALLING, timeout_s=1).timeline
    assert [(each.jobs, each.at_ns // MS) for each in run.deadlocks] == [((0, 1), 400)]


def test_a_job_that_fails_releases_its_lock() -> None:
    ran = run_sleeping("deadlock", 2, 0.4, failing=1, timeout_s=1)
    assert ran.timeline.jobs.outcome == ("failed", "ok")
    assert ran.timeline.deadlocks == ()
