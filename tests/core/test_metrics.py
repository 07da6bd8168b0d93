"""Numbers about a timeline, exact on the virtual clock."""

import asyncio
import threading

from core import metrics
from core.patterns import PATTERNS
from core.timeline import State, Timeline
from tests.core import handmade
from tests.core.sleeping import run_sleeping
from tests.core.virtual import MS, VirtualClock, run_here, run_virtually


def blocked_gather(hold_ms: int) -> Timeline:
    """Return a run whose first job holds the loop while the second is ready."""
    clock = VirtualClock()

    async def job(index: int) -> None:
        await asyncio.sleep(0.1)
        if index == 0:
            clock.now_ns += hold_ms * MS

    return run_virtually(PATTERNS["gather"], job, 2, clock=clock).timeline


def test_a_held_loop_shows_as_busy_as_its_longest_step_and_as_lateness() -> None:
    timeline = blocked_gather(300)
    assert metrics.longest_step_ns(timeline) // MS == 300
    assert metrics.worst_lateness_ns(timeline) // MS == 300
    assert metrics.loop_busy_ns(timeline) // MS == 300


def test_a_run_without_a_loop_has_no_numbers_of_a_loop() -> None:
    timeline = run_here(PATTERNS["blocking_loop"], lambda index: index, 3).timeline
    assert metrics.loop_busy_ns(timeline) == 0
    assert metrics.longest_step_ns(timeline) == 0
    assert metrics.worst_lateness_ns(timeline) == 0


def test_the_time_in_all_states_is_the_time_that_all_jobs_lived() -> None:
    timeline = run_sleeping("gather", 3, 0.2).timeline
    per_state = metrics.time_per_state_ns(timeline)
    lives_ns = (timeline.jobs.ended_ns - timeline.jobs.created_ns).sum()
    assert set(per_state) == set(State)
    assert sum(per_state.values()) == lives_ns
    assert round(per_state[State.WAITING] / MS) == 600


def test_one_job_at_a_time_is_in_flight_when_they_follow_one_another() -> None:
    assert metrics.peak_in_flight(run_sleeping("sequential", 5).timeline) == 1


def test_all_jobs_are_in_flight_when_they_sleep_together() -> None:
    assert metrics.peak_in_flight(run_sleeping("gather", 5).timeline) == 5


def test_as_many_jobs_are_in_flight_as_threads_meet() -> None:
    together = threading.Barrier(4)
    timeline = run_here(PATTERNS["threads"], lambda _: together.wait(10), 4).timeline
    assert metrics.peak_in_flight(timeline) == 4


def test_a_job_that_ends_as_another_begins_is_not_in_flight_with_it() -> None:
    timeline = handmade.timeline(
        (0, State.WORKING, 0, 10), (1, State.QUEUED, 0, 10), (1, State.WORKING, 10, 20), wall_ms=20
    )
    assert metrics.peak_in_flight(timeline) == 1


def test_nothing_is_in_flight_where_no_job_has_begun() -> None:
    timeline = handmade.timeline((0, State.QUEUED, 0, 10), wall_ms=10)
    assert metrics.peak_in_flight(timeline) == 0


def test_the_speed_up_compares_wall_times() -> None:
    slow, fast, instant = (
        handmade.timeline((0, State.WORKING, 0, 1), wall_ms=wall) for wall in (600, 200, 0)
    )
    assert metrics.speed_up(fast, baseline=slow) == 3
    assert metrics.speed_up(instant, baseline=slow) == float("inf")
