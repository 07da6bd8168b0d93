"""One time-out for everything inside of a block."""

import pytest

from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_what_is_not_done_in_time_is_cancelled_at_that_moment() -> None:
    ran = run_sleeping("timeout", 4, 0.4, Spread.FALLING, timeout_s=0.25)
    assert ended_ms(ran.timeline) == [250, 250, 200, 100]
    assert ran.timeline.jobs.outcome == ("cancelled", "cancelled", "ok", "ok")
    assert ran.timeline.results == ("CancelledError('')", "CancelledError('')", "job 3", "job 4")
    assert printed(ran, "time-out") == [(250, "time-out: 2 cancelled")]
    assert whole_ms(ran.timeline) == 250


@pytest.mark.parametrize(
    ("workload", "left_ms", "cancelled"), [("cleanup", 200, 2), ("stubborn", 400, 0)]
)
def test_the_block_is_left_only_when_the_jobs_inside_have_ended(
    workload: str, left_ms: int, cancelled: int
) -> None:
    ran = run_sleeping("timeout", 2, 0.4, workload=workload, timeout_s=0.1)
    assert printed(ran, "time-out") == [(left_ms, f"time-out: {cancelled} cancelled")]
    assert whole_ms(ran.timeline) == left_ms


def test_a_block_that_is_done_in_time_is_left_as_if_it_had_none() -> None:
    ran = run_sleeping("timeout", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]
    assert printed(ran, "time-out") == []


def test_a_job_that_fails_ends_the_block_with_its_own_error() -> None:
    ran = run_sleeping("timeout", 3, 0.2, failing=1, timeout_s=0.3)
    assert error_of(ran) == "RuntimeError: job 1 went wrong"
    assert ran.timeline.jobs.outcome == ("failed", "cancelled", "cancelled")
    assert whole_ms(ran.timeline) == 100
