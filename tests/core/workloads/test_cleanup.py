"""The workload `cleanup`: a quarter of its time again, also where it is cancelled or fails."""

import pytest

from core.jobs import Spread
from core.workloads.cleanup import cleanup
from tests.kit.sleeping import NAMES, printed, run_sleeping
from tests.kit.virtual import Ran, ended_ms, site_of, states


def cleaned_up(ran: Ran) -> list[tuple[int, str]]:
    return [(at_ms, line.split(" ", 1)[1]) for at_ms, line in printed(ran, "has cleaned up")]


def test_a_job_that_is_let_be_ends_well_a_quarter_later() -> None:
    ran = run_sleeping("gather", 2, 0.2, Spread.FALLING, workload="cleanup")
    assert ended_ms(ran.timeline) == [250, 125]
    assert ran.returned.value == NAMES[2]
    assert cleaned_up(ran) == [(125, "job 2 has cleaned up"), (250, "job 1 has cleaned up")]


@pytest.mark.parametrize("pattern", ["cancel_tasks", "timeout", "wait_for"])
def test_a_job_that_is_cancelled_ends_a_quarter_of_its_time_later(pattern: str) -> None:
    ran = run_sleeping(pattern, 2, 0.4, Spread.FALLING, workload="cleanup", timeout_s=0.1)
    assert ended_ms(ran.timeline) == [200, 150]
    assert ran.timeline.jobs.outcome == ("cancelled", "cancelled")
    assert cleaned_up(ran) == [(150, "job 2 has cleaned up"), (200, "job 1 has cleaned up")]


def test_a_job_that_fails_cleans_up_before_it_does() -> None:
    ran = run_sleeping("gather_exceptions", 1, workload="cleanup", failing=1)
    assert ended_ms(ran.timeline) == [125]
    assert ran.timeline.jobs.outcome == ("failed",)
    assert len(cleaned_up(ran)) == 1


def test_while_it_cleans_up_it_waits_on_a_timer_at_a_line_of_its_own() -> None:
    timeline = run_sleeping("gather", 1, workload="cleanup").timeline
    sites = [timeline.site_name(int(site)) for site in timeline.spans.site]
    assert [state.name for state in states(timeline, 0)].count("WAITING") == 3
    assert site_of(cleanup, "await asyncio.sleep(plan.sleep_s(index))") in sites
    assert site_of(cleanup, "/ 4") in sites
