"""A queue: each worker takes its next job when it has done the one before."""

import pytest

from core.analysis.metrics import peak_in_flight
from core.jobs import Spread
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


@pytest.mark.parametrize(
    ("limit", "ends"),
    [(1, [200, 400, 600, 800, 1000]), (2, [200, 200, 400, 400, 600]), (9, [200] * 5)],
)
def test_jobs_go_in_waves_of_as_many_as_there_are_workers(limit: int, ends: list[int]) -> None:
    timeline = run_sleeping("queue_workers", 5, 0.2, limit=limit).timeline
    assert ended_ms(timeline) == ends
    assert whole_ms(timeline) == ends[-1]
    assert peak_in_flight(timeline) == min(limit, 5)


def test_a_job_is_only_made_when_a_worker_takes_it() -> None:
    timeline = run_sleeping("queue_workers", 4, 0.4, Spread.FALLING, limit=2).timeline
    assert ended_ms(timeline) == [400, 300, 500, 500]
    assert [int(created) // 1_000_000 for created in timeline.jobs.created_ns] == [0, 0, 300, 400]


def test_results_keep_the_order_of_the_jobs() -> None:
    ran = run_sleeping("queue_workers", 3, 0.3, Spread.FALLING, limit=2)
    assert ran.returned.value == NAMES[3]
