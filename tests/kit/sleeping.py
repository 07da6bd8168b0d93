"""Jobs that only let time pass, on the virtual clock, as the tests of the patterns use them."""

from typing import Any

from core.jobs import BlockingJob, CoroutineJob, JobKind, Plan, Spread
from core.patterns import PATTERNS
from core.recording.transcript import transcribed
from core.workloads import WORKLOADS
from tests.kit.laws import assert_laws
from tests.kit.needs import need_python
from tests.kit.virtual import MS, KeepingRecorder, Ran, VirtualClock, run_virtually

NAMES = {count: [f"job {number}" for number in range(1, count + 1)] for count in range(7)}


def sleeping_job(plan: Plan, workload: str = "sleep") -> CoroutineJob:
    """Return the job of a workload of coroutines."""
    job: CoroutineJob = WORKLOADS[workload].job(JobKind.COROUTINE, plan)
    return job


def holding_job(clock: VirtualClock, plan: Plan) -> BlockingJob:
    """Return the blocking job of the same length: it moves the clock by hand."""

    def hold(index: int) -> str:
        clock.move(round(plan.sleep_s(index) * 1e9))
        if index == plan.failing:
            raise RuntimeError(f"job {index + 1} went wrong")
        return f"job {index + 1}"

    return hold


def run_sleeping(
    pattern: str,
    count: int,
    sleep_s: float = 0.2,
    spread: Spread = Spread.EQUAL,
    *,
    workload: str = "sleep",
    failing: int | None = None,
    failing_after_s: float = 0.1,
    jobs: int | None = None,
    **extras: Any,
) -> Ran:
    """Run a pattern of sleeping jobs on a virtual clock and check the laws.

    The test is skipped where the pattern needs a newer version of Python.

    `failing` is the number of the job that fails, counted from 1; `jobs` says how many jobs there
    are in the end, where it is not `count`. What is printed is in the timeline's log.
    """
    need_python(PATTERNS[pattern])
    plan = Plan(
        longest_s=sleep_s,
        count=count,
        spread=spread,
        failing=None if failing is None else failing - 1,
        failing_after_s=failing_after_s,
    )
    clock = VirtualClock()
    recorder = KeepingRecorder(clock=clock)
    extras = {"blocking_job": holding_job(clock, plan)} | extras
    with transcribed(recorder.log):
        ran = run_virtually(
            PATTERNS[pattern],
            sleeping_job(plan, workload),
            count,
            clock=clock,
            recorder=recorder,
            **extras,
        )
    assert_laws(ran.timeline, jobs=count if jobs is None else jobs)
    return ran


def printed(ran: Ran, said: str = "") -> list[tuple[int, str]]:
    """Return the lines that hold a text: when each was printed, in milliseconds, and the line."""
    return [(line.at_ns // MS, line.text) for line in ran.timeline.log if said in line.text]


def error_of(ran: Ran) -> str:
    """Return the error of a pattern as Python's last line of a traceback shows it."""
    error = ran.returned.error
    assert error is not None
    return f"{error.kind}: {error.message}"
