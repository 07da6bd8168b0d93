"""Tasks made first and awaited in turn: all sleep at the same time."""

from core.jobs import Spread
from core.timeline.timeline import State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, states, whole_ms


def test_five_sleeps_take_as_long_as_one() -> None:
    assert whole_ms(run_sleeping("create_task", 5, 0.2).timeline) == 200


def test_every_task_exists_before_the_first_one_runs() -> None:
    timeline = run_sleeping("create_task", 5).timeline
    running = timeline.spans.start_ns[timeline.spans.state == State.RUNNING]
    assert timeline.jobs.created_ns.max() < running.min()


def test_a_task_waits_to_be_begun_then_for_its_timer() -> None:
    timeline = run_sleeping("create_task", 3).timeline
    assert states(timeline, 2) == [
        State.WAITING,
        State.READY,
        State.RUNNING,
        State.WAITING,
        State.READY,
        State.RUNNING,
    ]


def test_results_keep_the_order_of_the_tasks_though_the_last_ends_first() -> None:
    ran = run_sleeping("create_task", 3, 0.3, Spread.FALLING)
    assert ended_ms(ran.timeline) == [300, 200, 100]
    assert ran.returned.value == NAMES[3]
