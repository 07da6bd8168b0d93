"""A TaskGroup that is ended by an exception of its own: the rest is cancelled."""

import pytest

from core.analysis.findings_text import findings_text
from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import ended_ms, whole_ms


def test_what_is_not_done_is_cancelled_and_the_block_is_left_at_once() -> None:
    ran = run_sleeping("stop_group", 5, 1, Spread.FALLING, timeout_s=0.3)
    assert printed(ran, "enough") == [(300, "enough: 1 of 5")]
    assert ended_ms(ran.timeline) == [300, 300, 300, 300, 200]
    assert ran.returned.value == ["job 5"]
    assert whole_ms(ran.timeline) == 300
    assert findings_text(ran.timeline) == "4 jobs were cancelled by the pattern after 300 ms."


@pytest.mark.parametrize(("workload", "left_ms"), [("cleanup", 400), ("stubborn", 400)])
def test_the_group_still_waits_until_its_tasks_have_ended(workload: str, left_ms: int) -> None:
    ran = run_sleeping("stop_group", 2, 0.4, workload=workload, timeout_s=0.3)
    assert whole_ms(ran.timeline) == left_ms


def test_jobs_that_are_done_in_time_are_all_enough() -> None:
    ran = run_sleeping("stop_group", 3, 0.2, timeout_s=0.3)
    assert ran.returned.value == NAMES[3]


def test_an_error_of_a_job_is_no_end_that_is_swallowed() -> None:
    ran = run_sleeping("stop_group", 3, 0.4, failing=2, timeout_s=0.3)
    assert error_of(ran).startswith("ExceptionGroup: ")
    assert ran.timeline.jobs.outcome == ("cancelled", "failed", "cancelled")
