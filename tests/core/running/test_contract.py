"""Laws 1 to 5 for every registered pattern, workload and executor, in real measuring children."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.errors import BadValue
from core.executors import OPENERS, open_pool
from core.patterns import PATTERNS, AtOnce
from core.recording.recorder import Recorder
from core.running.measurement import Measurement
from core.running.spares import Spares
from core.spec import ExecutorKind, RunSpec
from core.timeline import Outcome, State, Timeline
from core.workloads import WORKLOADS
from tests.core.laws import assert_laws
from tests.core.running.watching import LIMIT_S, PREPARE_S

TASKS = 4
SLEEP_S = 0.02


def every_run() -> list[RunSpec]:
    """Return a spec for each combination that is allowed."""
    specs = []
    for pattern in PATTERNS:
        for workload in WORKLOADS:
            for executor in (None, *ExecutorKind):
                try:
                    spec = RunSpec(
                        pattern=pattern,
                        workload=workload,
                        executor=executor,
                        tasks=TASKS,
                        sleep_s=SLEEP_S,
                        spread="falling",
                    )
                except BadValue:
                    continue
                specs.append(spec)
    return list(dict.fromkeys(specs))


def label(spec: RunSpec) -> str:
    return "-".join(filter(None, (spec.pattern, spec.workload, spec.executor)))


@pytest.fixture(scope="module")
def spares() -> Iterator[Spares]:
    spares = Spares(0)
    yield spares
    spares.close()


def test_every_pattern_workload_and_executor_is_run() -> None:
    specs = every_run()
    assert {spec.pattern for spec in specs} == set(PATTERNS)
    assert {spec.workload for spec in specs} == set(WORKLOADS)
    assert {spec.executor for spec in specs} == {None, *ExecutorKind}


@pytest.mark.real
@pytest.mark.parametrize("spec", every_run(), ids=label)
def test_a_real_run_keeps_the_laws(spec: RunSpec, spares: Spares) -> None:
    measurement = Measurement(spec)
    measurement.begin(spares.take())
    assert measurement.prepared.wait(PREPARE_S)
    measurement.go()
    assert measurement.ended.wait(LIMIT_S)
    assert measurement.error is None
    timeline = measurement.timeline()
    assert timeline is not None
    assert timeline.finished
    assert_laws(timeline, jobs=TASKS)
    assert_tells_the_run(timeline, spec)


def assert_tells_the_run(timeline: Timeline, spec: RunSpec) -> None:
    """Check results, transcript, lanes and the least time that the run can have taken."""
    names = [f"job {number}" for number in range(1, TASKS + 1)]
    jobs = timeline.jobs
    assert jobs.number.tolist() == list(range(TASKS))
    assert jobs.outcome == (Outcome.OK,) * TASKS
    assert list(timeline.results) == list(jobs.result) == names
    assert {line.text.split(" ", 1)[1] for line in timeline.log} >= set(names)
    assert timeline.dropped_events == 0
    pattern = PATTERNS[spec.pattern]
    assert (len(timeline.steps) > 0) == pattern.uses_loop
    sleeps_ns = sum(round(spec.plan.sleep_s(index) * 1e9) for index in range(TASKS))
    least_ns = sleeps_ns if pattern.at_once is AtOnce.ONE else round(SLEEP_S * 1e9)
    assert timeline.wall_ns >= least_ns
    assert jobs.ended_ns.max() <= timeline.wall_ns + round(LIMIT_S * 1e9)
    working = timeline.spans.state == State.WORKING
    if pattern.takes_executor:
        assert np.unique(timeline.spans.job[working]).tolist() == list(range(TASKS))
        kind = "process" if spec.executor == ExecutorKind.PROCESSES else "thread"
        assert all(lane.startswith(f"{kind}-") for lane in timeline.worker_lanes)


def test_every_kind_of_executor_has_an_opener() -> None:
    assert set(OPENERS) == set(ExecutorKind)


@pytest.mark.parametrize("kind", ExecutorKind)
def test_an_opened_pool_has_the_workers_that_were_asked_for(kind: ExecutorKind) -> None:
    workers = None if kind is ExecutorKind.DEFAULT else 2
    spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0, executor=kind, workers=workers)
    pool = open_pool(spec, Recorder())
    assert (pool is None) == (kind is ExecutorKind.DEFAULT)
    if pool is not None:
        with pool:
            assert vars(pool)["_max_workers"] == workers


def test_a_pattern_without_an_executor_gets_no_pool() -> None:
    assert open_pool(RunSpec(pattern="gather", tasks=1, sleep_s=0), Recorder()) is None
