"""Where coroutines become faster than the pool."""

import re
from dataclasses import replace

import pytest

from core.errors import RunFailed
from core.spec.limits import default_pool_size
from core.sweep.points import End, Point, Series
from core.sweep.summary import FIRST_GUESS_S, Took, crossover, end_text, remaining_s, summary
from tests.kit.points import point


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


COROUTINES, POOL, *_ = Series


def test_before_anything_is_measured_it_is_the_ideals_and_a_guess() -> None:
    waves = 10
    to_come = [(COROUTINES, 1_000), (POOL, waves * default_pool_size())]
    expected = 2 * FIRST_GUESS_S + 0.1 + waves * 0.1
    assert remaining_s(to_come, [], 0.1) == pytest.approx(expected)


def test_what_a_job_cost_so_far_is_added_for_each_job_to_come() -> None:
    done = [Took(point=point(COROUTINES, 100, 110), seconds=0.41)]
    assert remaining_s([(COROUTINES, 1_000)], done, 0.1) == pytest.approx(0.3 + 0.1 + 0.1)


def test_what_will_be_refused_takes_no_time() -> None:
    assert remaining_s([(POOL, 100_000), (Series.PROCESSES, 100)], [], 0.1) == 0


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


def test_the_end_of_a_series_is_told_with_its_error() -> None:
    end = End(
        series=THREADS, jobs=30_000, error=RunFailed("RuntimeError", "can't start new thread")
    )
    assert end_text(end) == (
        "a thread per job, 30,000 jobs: the run could not be carried out: "
        "RuntimeError: can't start new thread"
    )


def test_runs_that_the_machine_disturbed_are_counted() -> None:
    calm, disturbed = point(COROUTINES, 1, 100), point(POOL, 1, 300)
    assert summary([calm, replace(disturbed, is_comparable=False)], 0.1) == (
        "1 coroutine that sleeps 100 ms took 100 ms. "
        "1 run was disturbed by other work of the machine and is not compared."
    )
