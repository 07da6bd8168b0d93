"""What a run tells a sweep."""

from dataclasses import replace

from core.recording.events import LaneKind, lane_code
from core.spec.run_spec import RunSpec
from core.sweep.points import point_of
from core.sweep.series import Series
from core.timeline.timeline import State
from tests.core.handmade import MS, timeline

WORKERS = [lane_code(LaneKind.THREAD, 1), lane_code(LaneKind.THREAD, 2)]


def test_a_point_has_the_numbers_of_its_run() -> None:
    run = timeline(
        (0, State.WORKING, 1, 12),
        (1, State.WORKING, 3, 16),
        wall_ms=20,
        spec=RunSpec(pattern="threads", tasks=2, sleep_s=0.01),
        lanes=WORKERS,
    )
    point = point_of(
        Series.THREADS,
        replace(run, cpu_ns=7, memory_before_bytes=1_000, memory_peak_bytes=5_000),
    )
    assert (point.jobs, point.carriers, point.alive) == (2, 2, 2)
    assert (point.wall_ns, point.ideal_ns) == (20 * MS, 10 * MS)
    assert (point.late_50_ns, point.late_99_ns) == (2 * MS, 2_980_000)
    assert point.startup_ns == 3 * MS
    assert point.cpu_ns == 7
    assert point.memory_bytes == 4_000
    assert point.memory_per_job_bytes == 2_000


def test_the_start_up_of_a_pool_of_processes_counts_before_the_clock_and_after() -> None:
    spec = Series.PROCESSES.spec(2, 0.01)
    run = timeline(
        (0, State.WORKING, 1, 12), (1, State.WORKING, 3, 16), wall_ms=20, spec=spec, lanes=WORKERS
    )
    assert point_of(Series.PROCESSES, replace(run, startup_ns=40 * MS)).startup_ns == 43 * MS


def test_a_run_whose_memory_is_not_known_takes_none() -> None:
    run = timeline((0, State.WORKING, 0, 10), wall_ms=10)
    point = point_of(Series.COROUTINES, replace(run, memory_before_bytes=9, memory_peak_bytes=0))
    assert point.memory_bytes == 0
    assert not point.tells_memory


def test_the_memory_of_a_run_tells_what_a_job_takes_only_where_nearly_all_were_there_at_once() -> (
    None
):
    one_by_one = [(job, State.WORKING, job, job + 1) for job in range(10)]
    for spans, alive in ((one_by_one, 1), ([(job, State.WORKING, 0, 9) for job in range(10)], 10)):
        run = replace(timeline(*spans, wall_ms=10), memory_before_bytes=1, memory_peak_bytes=11)
        point = replace(point_of(Series.THREADS, run), jobs=10)
        assert point.alive == alive
        assert point.tells_memory == (alive == 10)


def test_a_run_that_the_machine_disturbed_is_not_comparable() -> None:
    calm = timeline((0, State.WAITING, 0, 100), wall_ms=100)
    assert point_of(Series.COROUTINES, calm).is_comparable
    assert not point_of(Series.COROUTINES, replace(calm, disturbed_ns=5 * MS)).is_comparable
