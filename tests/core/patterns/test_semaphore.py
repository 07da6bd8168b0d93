"""A semaphore: never more jobs in flight than it admits."""

import pytest

from core.analysis.metrics import peak_in_flight
from core.jobs import Spread
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


@pytest.mark.parametrize(
    ("limit", "ends"),
    [(1, [200, 400, 600, 800, 1000]), (2, [200, 200, 400, 400, 600]), (9, [200] * 5)],
)
def test_jobs_go_in_waves_of_as_many_as_are_admitted(limit: int, ends: list[int]) -> None:
    timeline = run_sleeping("semaphore", 5, 0.2, limit=limit).timeline
    assert ended_ms(timeline) == ends
    assert whole_ms(timeline) == ends[-1]
    assert peak_in_flight(timeline) == min(limit, 5)


def test_a_job_is_admitted_as_soon_as_any_other_has_ended() -> None:
    timeline = run_sleeping("semaphore", 4, 0.4, Spread.FALLING, limit=2).timeline
    assert ended_ms(timeline) == [400, 300, 500, 500]


def test_results_keep_the_order_of_the_arguments() -> None:
    assert run_sleeping("semaphore", 3, 0.3, Spread.FALLING, limit=2).returned.value == NAMES[3]
