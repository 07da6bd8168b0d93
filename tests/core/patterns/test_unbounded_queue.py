from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms


def test_every_job_is_made_at_the_start_and_waits_for_its_worker() -> None:
    ran = run_sleeping("unbounded_queue", 6, 0.2, limit=2)
    assert (ran.timeline.jobs.created_ns // MS).tolist() == [0, 0, 0, 0, 0, 0]
    assert ended_ms(ran.timeline) == [200, 200, 400, 400, 600, 600]
    assert ran.returned.value == NAMES[6]
