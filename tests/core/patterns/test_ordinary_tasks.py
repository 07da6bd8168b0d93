from core.analysis.findings_text import findings_text
from core.timeline.timeline import State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_no_task_begins_before_its_creator_has_done_all_its_work() -> None:
    ran = run_sleeping("ordinary_tasks", 6, 0.2)
    spans = ran.timeline.spans
    running = (spans.state == State.RUNNING) & (spans.job % 2 == 1)
    assert (spans.start_ns[running] // MS).tolist() == [600, 800] * 3
    assert (ran.timeline.jobs.created_ns[1::2] // MS).tolist() == [0, 200, 400]
    assert ended_ms(ran.timeline) == [200, 800, 400, 800, 600, 800]
    assert whole_ms(ran.timeline) == 800
    assert ran.returned.value == NAMES[6]


def test_all_that_were_created_are_ready_and_wait_for_the_loop() -> None:
    run = run_sleeping("ordinary_tasks", 6, 0.2).timeline
    assert "3 jobs were ready, and had to wait for the loop for up to 600 ms." in findings_text(run)


def test_an_odd_number_of_jobs_ends_with_a_piece_of_work() -> None:
    ran = run_sleeping("ordinary_tasks", 3, 0.2)
    assert ended_ms(ran.timeline) == [200, 600, 400]
    assert ran.returned.value == NAMES[3]
