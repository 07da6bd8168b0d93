"""Where coroutines become faster than the pool."""

from dataclasses import replace

from core.spec.machine import default_pool_size
from core.sweep.crossover import crossover
from core.sweep.points import Point
from core.sweep.series import Series
from tests.core.sweep.points import point


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
