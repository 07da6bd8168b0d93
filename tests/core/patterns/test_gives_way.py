from core.analysis.findings_text import findings_text
from core.timeline.timeline import State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms


def test_sleeping_jobs_begin_after_the_first_piece_of_work() -> None:
    ran = run_sleeping("gives_way", 6, 0.2)
    spans = ran.timeline.spans
    sleeps = (spans.state == State.WAITING) & (spans.job % 2 == 1) & (spans.on > 0)
    assert (spans.start_ns[sleeps] // MS).tolist() == [200] * 3
    assert ended_ms(ran.timeline) == [200, 600, 400, 600, 600, 600]
    assert ran.returned.value == NAMES[6]


def test_the_others_are_there_from_the_start_and_wait_for_the_loop() -> None:
    run = run_sleeping("gives_way", 6, 0.2).timeline
    assert (run.jobs.created_ns[1::2] // MS).tolist() == [0, 0, 0]
    assert "3 jobs were ready, and had to wait for the loop for up to 200 ms." in findings_text(run)
