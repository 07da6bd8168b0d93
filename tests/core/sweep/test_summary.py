"""What is said of a sweep."""

import re
from dataclasses import replace

from core.spec.machine import default_pool_size
from core.sweep.points import End
from core.sweep.series import Series
from core.sweep.summary import end_text, summary
from tests.core.sweep.points import point

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
    end = End(series=THREADS, jobs=30_000, error="RuntimeError: can't start new thread")
    assert end_text(end) == "a thread per job, 30,000 jobs: RuntimeError: can't start new thread"


def test_runs_that_the_machine_disturbed_are_counted() -> None:
    calm, disturbed = point(COROUTINES, 1, 100), point(POOL, 1, 300)
    assert summary([calm, replace(disturbed, is_comparable=False)], 0.1) == (
        "1 coroutine that sleeps 100 ms took 100 ms. "
        "1 run was disturbed by other work of the machine and is not compared."
    )
