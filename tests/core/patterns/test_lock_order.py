from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms


def test_with_one_order_of_locks_each_job_has_its_turn() -> None:
    ran = run_sleeping("lock_order", 4, 0.2, timeout_s=1)
    assert ended_ms(ran.timeline) == [200, 400, 600, 800]
    assert ran.timeline.deadlocks == ()
    assert ran.returned.value == NAMES[4]


def test_what_has_had_no_turn_at_the_time_out_is_cancelled() -> None:
    run = run_sleeping("lock_order", 4, 0.2, timeout_s=0.5).timeline
    assert ended_ms(run) == [200, 400, 500, 500]
    assert run.jobs.outcome == ("ok", "ok", "cancelled", "cancelled")
