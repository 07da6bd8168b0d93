from core.analysis.findings_text import findings_text
from core.timeline.timeline import State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms, states, whole_ms


def test_each_task_sleeps_from_its_creation_on_while_its_creator_works() -> None:
    ran = run_sleeping("eager_tasks", 6, 0.2)
    spans = ran.timeline.spans
    sleeps = (spans.state == State.WAITING) & (spans.job % 2 == 1)
    assert (spans.start_ns[sleeps] // MS).tolist() == [0, 200, 400]
    assert (ran.timeline.jobs.created_ns[1::2] // MS).tolist() == [0, 200, 400]
    assert ended_ms(ran.timeline) == [200, 600, 400, 600, 600, 600]
    assert whole_ms(ran.timeline) == 600
    assert ran.returned.value == NAMES[6]


def test_a_task_never_waits_to_be_begun() -> None:
    run = run_sleeping("eager_tasks", 6, 0.2).timeline
    begun = [State.READY, State.RUNNING, State.WAITING]
    assert [states(run, job)[:3] for job in (1, 3, 5)] == [begun] * 3
    first = (run.spans.state == State.READY) & (run.spans.end_ns < 500 * MS)
    assert run.spans.duration_ns[first].max() < MS


def test_whose_sleep_is_over_while_the_creator_works_waits_for_the_loop() -> None:
    run = run_sleeping("eager_tasks", 6, 0.2).timeline
    assert "2 jobs were ready, and had to wait for the loop for up to 400 ms." in findings_text(run)


def test_the_next_loop_has_no_factory() -> None:
    run_sleeping("eager_tasks", 2, 0.2)
    assert ended_ms(run_sleeping("ordinary_tasks", 2, 0.2).timeline) == [200, 400]
