"""What a sweep measures."""

import re
from dataclasses import replace

import pytest

from core.errors import BadValue
from core.recording.events import LaneKind, lane_code
from core.spec.admission import check_limits
from core.spec.limits import LIMITS, default_pool_size
from core.spec.run_spec import RunSpec
from core.sweep import (
    LARGEST,
    Point,
    Series,
    Sweep,
    crossover,
    point_columns,
    point_of,
    summary,
)
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
    said = rf"^workers is 100; it must be at most {LIMITS.processes},"
    with pytest.raises(BadValue, match=said):
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


def both(**walls_ms: tuple[float, float]) -> list[Point]:
    points = []
    for name, (coroutines, pool) in walls_ms.items():
        jobs = int(name.removeprefix("jobs_"))
        points += [
            point(Series.COROUTINES, jobs, coroutines),
            point(Series.POOL, jobs, pool),
        ]
    return points


def test_up_to_a_tenth_longer_counts_as_fast() -> None:
    found = crossover(both(jobs_1=(100, 100), jobs_6=(100, 110), jobs_7=(100, 200)))
    assert found is not None
    assert found.as_fast_up_to == 6
    assert found.crosses
    assert (found.coroutines.jobs, found.pool.jobs) == (7, 7)


def test_a_run_with_fewer_jobs_that_was_disturbed_does_not_count() -> None:
    found = crossover(both(jobs_1=(100, 100), jobs_3=(100, 150), jobs_6=(100, 100), jobs_9=(1, 2)))
    assert found is not None
    assert found.as_fast_up_to == 6


def test_a_pool_that_is_never_slower_does_not_cross() -> None:
    found = crossover(both(jobs_1=(100, 90), jobs_3=(100, 100)))
    assert found is not None
    assert not found.crosses


def test_the_pool_is_filled_as_often_as_its_jobs_need() -> None:
    pool = default_pool_size()
    found = crossover(
        [point(Series.COROUTINES, 5 * pool + 1, 1), point(Series.POOL, 5 * pool + 1, 9)]
    )
    assert found is not None
    assert found.as_fast_up_to == 0
    assert found.waves == 6


def test_without_runs_of_both_there_is_no_crossover() -> None:
    assert crossover([]) is None
    assert crossover([point(Series.COROUTINES, 1, 1), point(Series.POOL, 3, 1)]) is None


def test_runs_that_the_machine_disturbed_say_nothing_of_the_crossover() -> None:
    points = both(jobs_1=(100, 100), jobs_6=(300, 100), jobs_9=(100, 200))
    disturbed = [
        replace(each, is_comparable=(each.jobs, each.series) != (6, Series.COROUTINES))
        for each in points
    ]
    found = crossover(disturbed)
    assert found is not None
    assert found.as_fast_up_to == 1
    assert crossover([replace(each, is_comparable=False) for each in points]) is None


COROUTINES, POOL, THREADS, PROCESSES = Series


def test_nothing_measured_is_nothing_to_say() -> None:
    assert summary([], 0.1) == ""


def test_the_crossover_is_named_with_the_waves_that_it_comes_from() -> None:
    pool, many = default_pool_size(), 1_000
    points = [
        point(COROUTINES, pool, 100.5),
        point(POOL, pool, 101),
        point(COROUTINES, many, 140),
        point(POOL, many, 16_700),
    ]
    assert summary(points, 0.1) == (
        "1,000 coroutines that sleep 100 ms took 140 ms together. "
        f"Up to {pool} jobs the default pool is as fast (within 10%). "
        f"At 1,000 jobs it needs {-(-many // pool)} waves: 16.7 s instead of 140 ms. "
        "Memory: a task 3.00 kB."
    )


def test_one_job_is_told_in_the_singular() -> None:
    points = [point(COROUTINES, 1, 100), point(POOL, 1, 101)]
    assert summary(points, 0.1) == (
        "1 coroutine that sleeps 100 ms took 100 ms. "
        "With 1 job, the most measured of both, the default pool is as fast (within 10%)."
    )


def test_a_pool_that_is_slower_from_the_start_is_said_to_be() -> None:
    points = [point(COROUTINES, 3, 1), point(POOL, 3, 2)]
    assert "slower from the first job on (by more than 10%). At 3 jobs it needs 1 wave:" in summary(
        points, 0.1
    )


def test_memory_is_what_one_more_job_takes_without_what_a_run_needs_once() -> None:
    points = [
        point(THREADS, 1, 100, memory_bytes=424_000),
        point(THREADS, 101, 100, memory_bytes=2_824_000),
        point(THREADS, 30, 100, memory_bytes=999_000),
        point(PROCESSES, 10, 100, memory_bytes=30_000_000),
        point(COROUTINES, 300, 100, memory_bytes=0),
    ]
    assert re.sub(r"^.*\. ", "", summary(points, 0.1)) == "Memory: a thread 24.0 kB."


def test_memory_is_not_told_by_runs_whose_jobs_were_not_all_there_at_once() -> None:
    few, many = point(THREADS, 1, 100, memory_bytes=50_000), point(THREADS, 31, 100)
    most = point(THREADS, 1_000, 100, memory_bytes=60_000, alive=180)
    assert summary([few, replace(many, memory_bytes=650_000), most], 0.1) == (
        "Memory: a thread 20.0 kB."
    )
    assert summary([few, most], 0.1) == ""


def test_runs_that_the_machine_disturbed_are_counted() -> None:
    calm, disturbed = point(COROUTINES, 1, 100), point(POOL, 1, 300)
    assert summary([calm, replace(disturbed, is_comparable=False)], 0.1) == (
        "1 coroutine that sleeps 100 ms took 100 ms. "
        "1 run was disturbed by other work of the machine and is not compared."
    )
