"""Sequential: one job after another."""

from core.jobs import Spread
from core.timeline.timeline import State
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, states, whole_ms


def test_three_sleeps_take_three_times_as_long_as_one() -> None:
    assert whole_ms(run_sleeping("sequential", 3, 0.2).timeline) == 600


def test_a_job_begins_only_when_the_one_before_has_ended() -> None:
    timeline = run_sleeping("sequential", 3).timeline
    ends, beginnings = timeline.jobs.ended_ns[:-1], timeline.jobs.created_ns[1:]
    assert (ends <= beginnings).all()


def test_a_job_runs_at_once_waits_for_its_timer_and_runs_to_its_end() -> None:
    timeline = run_sleeping("sequential", 3).timeline
    for job in range(3):
        assert states(timeline, job) == [
            State.READY,
            State.RUNNING,
            State.WAITING,
            State.READY,
            State.RUNNING,
        ]


def test_falling_sleeps_add_up() -> None:
    timeline = run_sleeping("sequential", 4, 0.4, Spread.FALLING).timeline
    assert ended_ms(timeline) == [400, 700, 900, 1000]


def test_results_are_in_the_order_of_the_calls() -> None:
    assert run_sleeping("sequential", 5).returned.value == NAMES[5]
