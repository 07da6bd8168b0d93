"""The workload `stubborn`: whoever cancels it is not heard."""

import pytest

from core.jobs import Spread
from tests.kit.sleeping import NAMES, error_of, printed, run_sleeping
from tests.kit.virtual import Ran, ended_ms


def lines(ran: Ran) -> list[tuple[int, str]]:
    said = [(at_ms, line.split(" ", 1)[1]) for at_ms, line in printed(ran, ":") if "job" in line]
    return sorted(said)


@pytest.mark.parametrize("pattern", ["cancel_tasks", "wait_for"])
def test_a_job_that_is_cancelled_says_so_and_ends_well_at_its_full_time(pattern: str) -> None:
    ran = run_sleeping(pattern, 2, 0.4, Spread.FALLING, workload="stubborn", timeout_s=0.1)
    assert ended_ms(ran.timeline) == [400, 200]
    assert ran.timeline.jobs.outcome == ("ok", "ok")
    assert ran.returned.value == NAMES[2]
    assert lines(ran) == [
        (100, "job 1 was cancelled and goes on"),
        (100, "job 2 was cancelled and goes on"),
        (200, "job 2"),
        (400, "job 1"),
    ]


def test_a_job_that_is_let_be_sleeps_as_others_do() -> None:
    ran = run_sleeping("gather", 2, 0.4, Spread.FALLING, workload="stubborn")
    assert ended_ms(ran.timeline) == [400, 200]
    assert lines(ran) == [(200, "job 2"), (400, "job 1")]


def test_a_group_waits_for_the_stubborn_after_a_failure() -> None:
    ran = run_sleeping("task_group", 2, 0.4, workload="stubborn", failing=2)
    assert ended_ms(ran.timeline) == [400, 100]
    assert ran.timeline.jobs.outcome == ("ok", "failed")
    assert error_of(ran).startswith("ExceptionGroup: ")
