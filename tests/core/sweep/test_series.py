"""What a sweep measures."""

import pytest

from core.errors import BadValue
from core.spec.limits import LIMITS
from core.spec.machine import default_pool_size
from core.sweep.series import LARGEST, Series, Sweep


@pytest.mark.parametrize("series", Series)
def test_each_series_has_a_name_of_its_own_and_runs_jobs_that_sleep(series: Series) -> None:
    spec = series.spec(3, 0.02)
    assert (spec.tasks, spec.sleep_s) == (3, 0.02)
    assert spec.workload in {"sleep", "block"}
    assert [each.text for each in Series].count(series.text) == 1


def test_a_process_per_job_asks_for_as_many_workers_and_meets_their_limit() -> None:
    assert Series.PROCESSES.spec(5, 0).workers == 5
    with pytest.raises(BadValue, match=r"^workers is 100; it must be at most 64,"):
        Series.PROCESSES.spec(100, 0)


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
