from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms


def test_no_job_is_made_before_there_is_room_for_the_one_before_it() -> None:
    ran = run_sleeping("bounded_queue", 6, 0.2, limit=2)
    assert (ran.timeline.jobs.created_ns // MS).tolist() == [0, 0, 0, 0, 0, 200]
    assert ended_ms(ran.timeline) == [200, 200, 400, 400, 600, 600]
    assert ran.returned.value == NAMES[6]
