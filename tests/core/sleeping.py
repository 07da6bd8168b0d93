"""Sleeping jobs on the virtual clock, as the tests of the patterns use them."""

from core.jobs import CoroutineJob, Plan, Spread
from core.patterns import PATTERNS
from core.workloads import WORKLOADS
from tests.core.laws import assert_laws
from tests.core.virtual import Ran, run_virtually

NAMES = {count: [f"job {number}" for number in range(1, count + 1)] for count in (0, 1, 3, 5)}


def sleeping_job(count: int, sleep_s: float, spread: Spread = Spread.EQUAL) -> CoroutineJob:
    """Return the job of the workload `sleep`."""
    job: CoroutineJob = WORKLOADS["sleep"].make_job(  # type: ignore[assignment]
        Plan(longest_s=sleep_s, count=count, spread=spread)
    )
    return job


def run_sleeping(
    pattern: str, count: int, sleep_s: float = 0.2, spread: Spread = Spread.EQUAL
) -> Ran:
    """Run a pattern of sleeping jobs on a virtual clock and check the laws."""
    ran = run_virtually(PATTERNS[pattern], sleeping_job(count, sleep_s, spread), count)
    assert_laws(ran.timeline, jobs=count)
    return ran
