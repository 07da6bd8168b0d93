"""What a sweep measures."""

from dataclasses import replace

import pytest

from core.errors import BadValue
from core.recording.events import LaneKind, lane_code
from core.spec.admission import check_limits
from core.spec.limits import LIMITS, default_pool_size
from core.spec.run_spec import RunSpec
from core.sweep.points import LARGEST, Series, Sweep, point_columns, point_of
from core.timeline.timeline import State
from tests.kit.handmade import MS, timeline
from tests.kit.points import point


@pytest.mark.parametrize("series", Series)
def test_each_series_has_a_name_of_its_own_and_runs_jobs_that_sleep(series: Series) -> None:
    spec = series.spec(3, 0.02)
    assert (spec.tasks, spec.sleep_s) == (3, 0.02)
    assert spec.workload in {"sleep", "block"}
    assert [each.text for each in Series].count(series.text) == 1


def test_a_process_per_job_asks_for_as_many_workers_and_meets_their_limit() -> None:
    assert Series.PROCESSES.spec(5, 0).workers == 5
    with pytest.raises(BadValue, match=r"^workers is 100; it must be at most 64,"):
        check_limits(Series.PROCESSES.spec(100, 0), LIMITS)


def test_jobs_are_carried_one_each_but_in_the_pool_by_its_threads() -> None:
    assert [series.carriers(1_000) for series in Series] == [
        1_000,
        default_pool_size(),
        1_000,
        1_000,
    ]
    assert Series.POOL.carriers(1) == 1


def test_the_numbers_of_jobs_rise_up_to_the_largest() -> None:
    sweep = Sweep(series=(Series.COROUTINES,), sleep_s=0, largest=300)
    assert sweep.counts == (1, 3, 10, 30, 100, 300)


def test_with_the_pool_it_is_measured_full_and_with_one_job_more() -> None:
    sweep = Sweep(series=(Series.POOL,), sleep_s=0, largest=100)
    assert {default_pool_size(), default_pool_size() + 1} <= set(sweep.counts)
    assert list(sweep.counts) == sorted(set(sweep.counts))


def test_each_number_is_measured_with_every_series_before_the_next() -> None:
    sweep = Sweep(series=(Series.COROUTINES, Series.THREADS), sleep_s=0, largest=5)
    coroutines, threads = sweep.series
    assert sweep.runs == ((coroutines, 1), (threads, 1), (coroutines, 3), (threads, 3))


def test_the_largest_number_that_can_be_chosen_is_the_limit_of_a_run() -> None:
    assert max(LARGEST) == LIMITS.tasks
    assert list(LARGEST) == sorted(set(LARGEST))


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


def test_a_table_has_a_row_for_each_run_series_by_series() -> None:
    points = [
        point(Series.THREADS, 3, 11),
        point(Series.COROUTINES, 3, 10.5),
        point(Series.COROUTINES, 1, 10),
    ]
    columns = point_columns(points)
    assert columns["series"] == ["coroutines", "coroutines", "a thread per job"]
    assert columns["jobs"] == [1, 3, 3]
    assert columns["wall time (ms)"] == [10, 10.5, 11]
    assert columns["memory for each job (bytes)"] == [3_000] * 3
