from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_what_is_in_the_queue_when_it_is_shut_down_is_still_done() -> None:
    ran = run_sleeping("shut_down_queue", 6, 0.2, limit=2)
    assert (ran.timeline.jobs.created_ns // MS).tolist() == [0, 0, 0, 0, 0, 200]
    assert ended_ms(ran.timeline) == [200, 200, 400, 400, 600, 600]
    assert ran.returned.value == NAMES[6]


def test_all_workers_end_also_those_that_never_had_an_item() -> None:
    ran = run_sleeping("shut_down_queue", 1, 0.2, limit=4)
    assert ended_ms(ran.timeline) == [200]
    assert whole_ms(ran.timeline) == 200
    assert ran.returned.value == NAMES[1]
