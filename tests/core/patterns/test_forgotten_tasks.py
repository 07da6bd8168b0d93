"""Tasks that nobody awaits: the end of the pattern is their end."""

from core.timeline.timeline import State
from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import ended_ms, states, whole_ms


def test_all_tasks_are_begun_and_cancelled_after_the_pattern_has_returned() -> None:
    timeline = run_sleeping("forgotten_tasks", 3).timeline
    assert timeline.jobs.outcome == ("cancelled",) * 3
    assert (timeline.jobs.ended_ns > timeline.wall_ns).all()
    assert states(timeline, 0)[-3:] == [State.WAITING, State.READY, State.RUNNING]


def test_nobody_waits_for_the_sleeps() -> None:
    ran = run_sleeping("forgotten_tasks", 3, 0.2)
    assert (whole_ms(ran.timeline), ended_ms(ran.timeline)) == (0, [0, 0, 0])
    assert printed(ran) == []


def test_jobs_that_clean_up_do_so_after_the_pattern_has_returned() -> None:
    ran = run_sleeping("forgotten_tasks", 2, 0.2, workload="cleanup")
    assert (whole_ms(ran.timeline), ended_ms(ran.timeline)) == (0, [50, 50])
