"""Numbers about a timeline, exact on the virtual clock."""

import asyncio
import threading
from dataclasses import replace

import numpy as np
import pytest

from core.analysis import metrics
from core.patterns import PATTERNS
from core.recording.events import LaneKind, lane_code
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from tests.kit import handmade
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import MS, VirtualClock, run_here, run_virtually


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
    assert metrics.speed_up(instant, baseline=slow) is None
    assert metrics.speed_up(slow, baseline=instant) is None
    assert metrics.speed_up(instant, baseline=instant) is None


def worked(*cpu_ms: int, lane: LaneKind, process_cpu_ms: int = 0) -> Timeline:
    """Return a run of 100 ms whose jobs each worked for all of it on a worker of their own."""
    spans = [(job, State.WORKING, 0, 100) for job in range(len(cpu_ms))]
    lanes = [lane_code(lane, number + 1) for number in range(len(cpu_ms))]
    run = handmade.timeline(*spans, wall_ms=100, lanes=lanes)
    cpu_ns = np.array(cpu_ms, dtype=np.int64) * MS
    return replace(run, spans=replace(run.spans, cpu_ns=cpu_ns), cpu_ns=process_cpu_ms * MS)


def test_threads_that_share_a_processor_each_have_a_share_of_it() -> None:
    run = worked(50, 50, lane=LaneKind.THREAD, process_cpu_ms=100)
    assert metrics.cpu_share(run) == 0.5
    assert metrics.cores_used(run) == 1.0


def test_processes_add_what_they_used_to_what_the_measuring_process_did() -> None:
    run = worked(100, 100, lane=LaneKind.PROCESS, process_cpu_ms=10)
    assert metrics.cpu_share(run) == 1.0
    assert metrics.cores_used(run) == pytest.approx(2.1)


def test_a_run_without_workers_has_no_cpu_share() -> None:
    run = handmade.timeline((0, State.RUNNING, 0, 5), wall_ms=5)
    assert metrics.cpu_share(run) is None
    assert metrics.cores_used(replace(run, cpu_ns=5 * MS)) == 1.0
    assert metrics.cores_used(handmade.timeline(wall_ms=0)) == 0


def test_jobs_in_flight_are_those_begun_and_not_ended() -> None:
    spans = (0, State.WAITING, 0, 5), (0, State.RUNNING, 5, 20), (1, State.RUNNING, 10, 30)
    flight = metrics.in_flight(handmade.timeline(*spans, wall_ms=30))
    assert (flight.at_ns // MS).tolist() == [5, 10, 20, 30]
    assert flight.count.tolist() == [1, 2, 1, 0]


def test_the_median_step_is_that_of_the_run() -> None:
    steps = [(0, 1), (10, 13), (20, 90)]
    assert metrics.median_step_ns(handmade.timeline(wall_ms=100, steps_ms=steps)) == 3 * MS
    assert metrics.median_step_ns(handmade.timeline(wall_ms=100)) == 0


def test_a_run_that_did_not_do_its_work_has_no_speed_up() -> None:
    whole = handmade.timeline((0, State.RUNNING, 0, 5), wall_ms=5)
    lost = replace(whole, jobs=replace(whole.jobs, outcome=(Outcome.LOST,)))
    assert metrics.speed_up(whole, whole) == 1
    assert metrics.speed_up(lost, whole) is metrics.speed_up(whole, lost) is None


def test_a_sleep_on_the_loop_is_late_by_the_time_that_its_job_was_ready_after_it() -> None:
    late_ms = metrics.wake_lateness_ns(blocked_gather(300)) / MS
    assert sorted(late_ms.round().tolist()) == [0, 300]


def test_a_blocking_sleep_is_late_by_what_it_took_longer_than_was_asked_for() -> None:
    run = handmade.timeline(
        (0, State.WORKING, 0, 10),
        (1, State.WORKING, 0, 17),
        wall_ms=20,
        spec=RunSpec(pattern="threads", tasks=2, sleep_s=0.01),
        lanes=[lane_code(LaneKind.THREAD, 1), lane_code(LaneKind.THREAD, 2)],
    )
    assert metrics.wake_lateness_ns(run).tolist() == [0, 7 * MS]


def test_a_run_without_spans_has_no_lateness_and_no_beginnings() -> None:
    nothing = handmade.timeline(wall_ms=1)
    assert metrics.wake_lateness_ns(nothing).tolist() == []
    assert metrics.begun_ns(nothing).tolist() == []


def test_jobs_begin_when_they_first_hold_the_loop_or_a_worker() -> None:
    run = handmade.timeline(
        (0, State.WAITING, 0, 4),
        (0, State.RUNNING, 4, 5),
        (0, State.RUNNING, 8, 9),
        (1, State.RUNNING, 2, 3),
        wall_ms=9,
    )
    assert metrics.begun_ns(run).tolist() == [2 * MS, 4 * MS]


def test_jobs_are_alive_from_their_creation_to_their_end_begun_or_not() -> None:
    pool = handmade.timeline(
        (0, State.WORKING, 0, 5), (1, State.QUEUED, 0, 5), (1, State.WORKING, 5, 9), wall_ms=9
    )
    assert (metrics.peak_alive(pool), metrics.peak_in_flight(pool)) == (2, 1)
    in_turn = handmade.timeline((0, State.RUNNING, 0, 5), (1, State.RUNNING, 5, 9), wall_ms=9)
    assert metrics.peak_alive(in_turn) == 1
    assert metrics.peak_alive(handmade.timeline(wall_ms=1)) == 0


def of_one_job(
    *,
    created_ms: int,
    begun_ms: int,
    wall_ms: int,
    spec: RunSpec | None = None,
    steps_ms: tuple[tuple[int, int], ...] = (),
) -> Timeline:
    """Return a run whose only job was created, became ready and began at some time."""
    begun = State.WORKING if spec and spec.executor else State.RUNNING
    return handmade.timeline(
        (0, State.READY, created_ms, begun_ms),
        (0, begun, begun_ms, wall_ms),
        wall_ms=wall_ms,
        spec=spec,
        steps_ms=steps_ms,
    )


@pytest.mark.parametrize(
    ("created_ms", "begun_ms", "wall_ms", "late"),
    [
        (93, 93, 293, metrics.LateStart(at_ns=93 * MS, begun=False)),
        (0, 93, 293, metrics.LateStart(at_ns=93 * MS, begun=True)),
        (9, 9, 100, None),
        (10, 10, 100, metrics.LateStart(at_ns=10 * MS, begun=False)),
        (40, 40, 1_000, None),
        (50, 50, 1_000, metrics.LateStart(at_ns=50 * MS, begun=False)),
        (0, 0, 200, None),
    ],
)
def test_a_first_job_is_late_from_ten_ms_and_a_twentieth_of_the_wall_time_on(
    created_ms: int, begun_ms: int, wall_ms: int, late: metrics.LateStart | None
) -> None:
    run = of_one_job(created_ms=created_ms, begun_ms=begun_ms, wall_ms=wall_ms)
    assert metrics.late_start(run) == late
    assert metrics.tells_of_its_pattern(run) == (late is None)


def test_what_the_program_does_before_its_first_job_begins_is_not_lateness() -> None:
    run = of_one_job(created_ms=0, begun_ms=90, wall_ms=200, steps_ms=((0, 85), (90, 91)))
    assert metrics.late_start(run) is None


def test_other_processes_may_take_their_time_to_begin_the_first_job() -> None:
    threads, processes = (
        RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0.1, executor=kind, workers=1)
        for kind in ("threads", "processes")
    )
    late = {
        spec: metrics.late_start(of_one_job(created_ms=0, begun_ms=60, wall_ms=200, spec=spec))
        for spec in (threads, processes)
    }
    assert late == {threads: metrics.LateStart(at_ns=60 * MS, begun=True), processes: None}


@pytest.mark.parametrize(
    "name", ["sequential", "create_task", "gather", "task_group", "as_completed", "wait_first"]
)
def test_no_pattern_begins_late_by_itself(name: str) -> None:
    assert metrics.late_start(run_sleeping(name, 3).timeline) is None


def test_a_run_without_jobs_has_none_that_is_late() -> None:
    assert metrics.late_start(handmade.timeline(wall_ms=100)) is None


def test_a_disturbed_run_has_no_speed_up_and_gives_none_to_others() -> None:
    calm = of_one_job(created_ms=0, begun_ms=0, wall_ms=100)
    disturbed = replace(calm, disturbed_ns=5 * MS)
    assert metrics.speed_up(calm, calm) == 1
    assert metrics.speed_up(disturbed, calm) is metrics.speed_up(calm, disturbed) is None
    assert metrics.speed_up(replace(calm, disturbed_ns=4_999_999), calm) == 1
