"""The workload `cpu`: work of a fixed amount, during which nothing else runs on its thread."""

import pytest

from core.jobs import JobKind, Plan, Spread
from core.patterns import PATTERNS
from core.timeline.timeline import State, Timeline
from core.workloads import WORKLOADS
from tests.kit.laws import assert_laws
from tests.kit.virtual import run_here

LOOPS_A_SECOND = "1000000"
CPU = WORKLOADS["cpu"]


def plan(longest_s: float = 0.01, **settings: object) -> Plan:
    return Plan(longest_s=longest_s, count=3, service=LOOPS_A_SECOND, **settings)  # type: ignore[arg-type]


def run(pattern: str) -> Timeline:
    kind = PATTERNS[pattern].arranges
    timeline = run_here(PATTERNS[pattern], CPU.job(kind, plan()), 3).timeline
    assert_laws(timeline, jobs=3)
    assert timeline.results == ("job 1", "job 2", "job 3")
    return timeline


def test_coroutines_that_calculate_run_one_after_another_whatever_the_pattern() -> None:
    spans = run("gather").spans
    running = spans.state == State.RUNNING
    ends, starts = spans.end_ns[running], spans.start_ns[running]
    assert len(ends) == 3
    assert (ends[:-1] <= starts[1:]).all()


def test_what_a_worker_calculates_is_cpu_time() -> None:
    spans = run("threads").spans
    working = spans.state == State.WORKING
    assert (spans.cpu_ns[working] > 0).all()


@pytest.mark.parametrize("kind", JobKind)
def test_a_job_prints_its_end_and_returns_its_name(
    kind: JobKind, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern = "sequential" if kind is JobKind.COROUTINE else "blocking_loop"
    timeline = run_here(PATTERNS[pattern], CPU.job(kind, plan(0)), 1).timeline
    assert timeline.results == ("job 1",)
    assert capsys.readouterr().out.split(" ", 1)[1] == "job 1\n"


def test_the_job_that_shall_fail_says_which_it_is() -> None:
    with pytest.raises(RuntimeError, match="job 2 went wrong"):
        CPU.job(JobKind.BLOCKING, plan(failing=1))(1)


def test_falling_times_make_each_job_calculate_less() -> None:
    falling = CPU.job(JobKind.BLOCKING, plan(0.3, spread=Spread.FALLING))
    spans = run_here(PATTERNS["blocking_loop"], falling, 3).timeline.spans
    worked = spans.cpu_ns[spans.state == State.WORKING].tolist()
    assert worked == sorted(worked, reverse=True)
