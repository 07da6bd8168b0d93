"""The workload `block`: the calling thread can do nothing else meanwhile."""

import pytest

from core.jobs import JobKind, Plan
from core.patterns import PATTERNS
from core.timeline.timeline import State
from core.workloads import WORKLOADS
from tests.kit.laws import assert_laws
from tests.kit.virtual import MS, run_here


def test_a_job_holds_its_thread_for_its_duration_and_uses_no_processor() -> None:
    job = WORKLOADS["block"].job(JobKind.BLOCKING, Plan(longest_s=0.02, count=1))
    timeline = run_here(PATTERNS["blocking_loop"], job, 1).timeline
    assert_laws(timeline, jobs=1)
    (row,) = [r for r in range(len(timeline.spans)) if timeline.spans.state[r] == State.WORKING]
    assert timeline.spans.duration_ns[row] >= 20 * MS
    assert 0 <= timeline.spans.cpu_ns[row] < timeline.spans.duration_ns[row]


def test_a_job_prints_its_end_and_returns_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    job = WORKLOADS["block"].job(JobKind.BLOCKING, Plan(longest_s=0.0, count=1))
    assert job(0) == "job 1"
    assert capsys.readouterr().out.split(" ", 1)[1] == "job 1\n"
