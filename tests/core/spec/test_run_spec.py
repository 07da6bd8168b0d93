"""What may be asked for: every bad value gives one clear line."""

import copy
import json
import math
import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue
from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec.admission import spec_within
from core.spec.limits import LIMITS, cpu_count, default_pool_size
from core.spec.run_spec import (
    DEFAULT_LIMIT,
    DEFAULT_RATE,
    IN_PROCESSES,
    ExecutorKind,
    RunSpec,
)
from core.workloads import WORKLOADS

GOOD: dict[str, Any] = {"pattern": "gather", "tasks": 3, "sleep_s": 0.1}
POOL: dict[str, Any] = {"pattern": "run_in_executor", "tasks": 3, "sleep_s": 0.1}
LIMITED: dict[str, Any] = {"pattern": "semaphore", "tasks": 3, "sleep_s": 0.1}
TIMED: dict[str, Any] = {"pattern": "wait_for", "tasks": 3, "sleep_s": 0.1}
COROUTINES = ", ".join(name for name, each in WORKLOADS.items() if each.coroutine)
BLOCKING = ", ".join(name for name, each in WORKLOADS.items() if each.blocking)
A_PATTERN = f"it must be one of {', '.join(PATTERNS)}"
USABLE = "so that the machine stays usable for others"
LONGER = "because no run may take longer"
OWN_PROCESS = "because each job gets a process of its own"
MEMORY = "because each worker takes memory"
NO_CHOICE = "only threads, processes and Dask workers let you choose it, so leave it out"

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"tasks": 0}, "tasks is 0; it must be at least 1"),
    ({"tasks": -1}, "tasks is -1; it must be at least 1"),
    ({"tasks": 10**9}, f"tasks is 1000000000; it must be at most 100,000, {USABLE}"),
    ({"tasks": "x"}, "tasks is 'x'; it must be a whole number"),
    ({"tasks": True}, "tasks is True; it must be a whole number"),
    ({"tasks": 2.5}, "tasks is 2.5; it must be a whole number"),
    ({"tasks": None}, "tasks is None; it must be a whole number"),
    ({"sleep_s": math.nan}, "sleep is nan; it must be a number of seconds"),
    ({"sleep_s": -1}, "sleep is -1; it must be at least 0 seconds"),
    ({"sleep_s": math.inf}, f"sleep is inf; it must be at most 60 seconds, {LONGER}"),
    ({"sleep_s": -math.inf}, "sleep is -inf; it must be at least 0 seconds"),
    ({"sleep_s": 60.5}, f"sleep is 60.5; it must be at most 60 seconds, {LONGER}"),
    ({"sleep_s": "x"}, "sleep is 'x'; it must be a number of seconds"),
    ({"sleep_s": True}, "sleep is True; it must be a number of seconds"),
    ({"pattern": "gater"}, f"pattern is 'gater'; {A_PATTERN}"),
    ({"pattern": None}, f"pattern is None; {A_PATTERN}"),
    ({"pattern": ["gather"]}, f"pattern is ['gather']; {A_PATTERN}"),
    ({"workload": "nap"}, f"workload is 'nap'; it must be one of {', '.join(WORKLOADS)}"),
    (
        {"workload": "block"},
        f"workload is 'block'; gather arranges coroutine jobs, so it must be one of {COROUTINES}",
    ),
    (
        {"pattern": "threads", "workload": "sleep"},
        f"workload is 'sleep'; threads arranges blocking jobs, so it must be one of {BLOCKING}",
    ),
    (
        {"executor": "threads"},
        "executor is 'threads'; gather hands nothing to an executor, so leave it out",
    ),
    (
        POOL | {"executor": "gpu"},
        "executor is 'gpu'; it must be one of default, threads, processes, dask",
    ),
    ({"executor": 7}, "executor is 7; it must be one of default, threads, processes, dask"),
    (POOL | {"executor": "threads", "workers": 0}, "workers is 0; it must be at least 1"),
    (POOL | {"executor": "threads", "workers": -1}, "workers is -1; it must be at least 1"),
    (
        POOL | {"executor": "threads", "workers": 257},
        f"workers is 257; it must be at most 256, {MEMORY}",
    ),
    (
        POOL | {"executor": "processes", "workers": 65},
        f"workers is 65; it must be at most {LIMITS.processes}, {MEMORY}",
    ),
    (
        POOL | {"executor": "dask", "workers": 17},
        "workers is 17; it must be at most 16, because each worker takes memory",
    ),
    (POOL | {"executor": "processes", "workers": "2"}, "workers is '2'; it must be a whole number"),
    (POOL | {"workers": 3}, f"workers is 3; {NO_CHOICE}"),
    ({"workers": 3}, f"workers is 3; {NO_CHOICE}"),
    ({"spread": "wide"}, "spread is 'wide'; it must be one of equal, falling"),
    ({"spread": None}, "spread is None; it must be one of equal, falling"),
    (
        {"pattern": "threads", "tasks": 10_001},
        "tasks is 10001; it must be at most 10,000, because each job gets a thread of its own",
    ),
    (
        {"pattern": "awaited_child", "tasks": LIMITS.processes + 1},
        f"tasks is {LIMITS.processes + 1}; it must be at most {LIMITS.processes}, {OWN_PROCESS}",
    ),
    (
        {"pattern": "awaited_child", "tasks": 33},
        "tasks is 33; it must be at most 32, so that the machine stays usable for others",
    ),
    ({"limit": 3}, "limit is 3; gather has no limit on concurrent jobs; leave it out"),
    (LIMITED | {"limit": 0}, "limit is 0; it must be at least 1"),
    (LIMITED | {"limit": "x"}, "limit is 'x'; it must be a whole number"),
    (
        LIMITED | {"limit": 100_001},
        "limit is 100001; it must be at most 100,000, because no run has more tasks",
    ),
    ({"timeout_s": 1}, "timeout is 1; gather never gives up, so leave it out"),
    (TIMED | {"timeout_s": -1}, "timeout is -1; it must be at least 0 seconds"),
    (TIMED | {"timeout_s": "x"}, "timeout is 'x'; it must be a number of seconds"),
    (TIMED | {"timeout_s": math.nan}, "timeout is nan; it must be a number of seconds"),
    (TIMED | {"timeout_s": 61}, f"timeout is 61; it must be at most 60 seconds, {LONGER}"),
    (
        {"rate": 5},
        "rate is 5; gather keeps no rate, and sleep refuses by none, so leave it out",
    ),
    ({"pattern": "rate_limited", "rate": 0}, "rate is 0; it must be at least 1"),
    (
        {"pattern": "rate_limited", "rate": 10**6},
        "rate is 1000000; it must be at most 100,000, because no server here answers more",
    ),
    ({"failing": 0}, "failing is 0; it must be at least 1"),
    ({"failing": 4}, "failing is 4; it must be at most 3, because there are no more tasks"),
    ({"failing": True}, "failing is True; it must be a whole number"),
    ({"failing_after_s": 1}, "failing-after is 1; no job is to fail, so leave it out"),
    (
        {"failing": 1, "failing_after_s": -1},
        "failing-after is -1; it must be at least 0 seconds",
    ),
    (
        {"failing": 1, "failing_after_s": 61},
        f"failing-after is 61; it must be at most 60 seconds, {LONGER}",
    ),
    ({"sleep_s": 10**400}, f"sleep is 1{'0' * 58}…; it must be at most 60 seconds, {LONGER}"),
    ({"tasks": 10**400}, f"tasks is 1{'0' * 58}…; it must be at most 100,000, {USABLE}"),
    ({"pattern": "g" * 99}, f"pattern is '{'g' * 58}…; {A_PATTERN}"),
]


@pytest.mark.parametrize(("values", "sentence"), REFUSED, ids=[text for _, text in REFUSED])
def test_a_bad_value_gives_one_clear_line(values: dict[str, Any], sentence: str) -> None:
    asked = GOOD | values
    with pytest.raises(BadValue) as refusal:
        spec_within(LIMITS, asked.pop("pattern"), asked)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("values", "most"),
    [
        ({"tasks": 1_000_001}, "1,000,000, so that the machine stays usable for others"),
        ({"sleep_s": 3_601}, "3600 seconds, because no run may take longer"),
        ({"sleep_s": math.inf}, "3600 seconds, because no run may take longer"),
        ({"sleep_s": 10**400}, "3600 seconds, because no run may take longer"),
        (POOL | {"executor": "dask", "workers": 100_001}, f"100,000, {MEMORY}"),
        ({"failing": 4}, "3, because there are no more tasks"),
    ],
)
def test_a_spec_has_bounds_of_its_own_whatever_a_server_allows(
    values: dict[str, Any], most: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        RunSpec(**GOOD | values)
    assert str(refusal.value).endswith(f"; it must be at most {most}")


def test_a_spec_keeps_no_limits_of_this_server() -> None:
    assert RunSpec(pattern="threads", tasks=LIMITS.threads_without_pool + 1).tasks == 10_001
    assert RunSpec(**GOOD | {"sleep_s": LIMITS.sleep_s * 10}).sleep_s == 600.0


def test_what_is_no_setting_is_refused() -> None:
    with pytest.raises(TypeError, match="RunSpec has no setting 'task'"):
        RunSpec(**GOOD | {"task": 3})


def test_a_spec_is_frozen_and_equal_by_value() -> None:
    spec = RunSpec(**GOOD)
    with pytest.raises(AttributeError):
        spec.tasks = 4  # type: ignore[misc]
    assert spec == RunSpec(**GOOD)
    assert hash(spec) == hash(RunSpec(**GOOD))
    assert spec != replace(spec, tasks=4)
    assert copy.deepcopy(spec) == spec
    assert repr(spec).startswith("RunSpec(pattern='gather', tasks=3, sleep_s=0.1, ")


def test_numbers_of_thousands_of_digits_are_refused_like_others() -> None:
    for name in ("tasks", "sleep_s"):
        for number in (10**5000, -(10**5000)):
            with pytest.raises(BadValue, match=r"^\w+ is -?\S+; it must be at (least|most) "):
                RunSpec(**GOOD | {name: number})


def test_what_is_left_open_is_filled_in() -> None:
    assert RunSpec(**GOOD).workload == "sleep"
    assert RunSpec(**GOOD).executor is None
    assert RunSpec(**POOL).workload == "block"
    assert (RunSpec(**POOL).executor, RunSpec(**POOL).workers) == ("default", None)
    threads = RunSpec(**POOL, executor="threads")
    assert threads.workers == threads.pool_size == default_pool_size()
    for executor in IN_PROCESSES:
        assert RunSpec(**POOL, executor=executor).workers == min(cpu_count(), LIMITS.processes)


def test_a_limit_is_filled_in_where_one_is_taken() -> None:
    assert RunSpec(**LIMITED).limit == DEFAULT_LIMIT
    assert RunSpec(**LIMITED, limit=2).limit == 2
    assert RunSpec(**GOOD).limit is None


def test_a_time_out_left_open_is_half_of_the_sleep() -> None:
    assert RunSpec(**TIMED).timeout_s == 0.05
    assert RunSpec(**TIMED | {"pattern": "deadlock"}).timeout_s == pytest.approx(0.3)
    assert RunSpec(**TIMED | {"pattern": "deadlock", "sleep_s": 50}).timeout_s == 60
    # Who is refused again and again is not done when its jobs would be.
    assert RunSpec(**TIMED | {"pattern": "hammer", "sleep_s": 0.05}).timeout_s == pytest.approx(0.5)
    assert RunSpec(**TIMED, timeout_s=1).timeout_s == 1.0
    assert RunSpec(**GOOD).timeout_s is None


def test_a_job_fails_after_half_of_the_sleep_unless_it_is_said_when() -> None:
    assert RunSpec(**GOOD, failing=2).failing_after_s == 0.05
    assert RunSpec(**GOOD, failing=2, failing_after_s=2).failing_after_s == 2.0
    assert RunSpec(**GOOD).failing_after_s is None


def test_the_plan_counts_from_0_the_job_that_fails() -> None:
    plan = RunSpec(**GOOD, failing=2, failing_after_s=0.3).plan
    assert [plan.sleep_s(index) for index in range(3)] == [0.1, 0.3, 0.1]
    assert [plan.fails(index) for index in range(3)] == [False, True, False]


def test_a_pattern_without_an_executor_has_no_pool() -> None:
    assert RunSpec(**GOOD).pool_size is None
    assert RunSpec(**POOL).pool_size == default_pool_size()


def test_the_default_pool_is_counted_as_pythons_own() -> None:
    assert 1 <= cpu_count() <= (os.cpu_count() or 1)
    assert default_pool_size() == min(32, cpu_count() + 4)


def test_each_limit_itself_is_allowed() -> None:
    longest = RunSpec(pattern="gather", tasks=LIMITS.tasks, sleep_s=LIMITS.sleep_s)
    assert (longest.tasks, longest.sleep_s) == (LIMITS.tasks, LIMITS.sleep_s)
    most = RunSpec(pattern="threads", tasks=LIMITS.threads_without_pool, sleep_s=0)
    assert most.tasks == LIMITS.threads_without_pool
    assert RunSpec(**POOL, executor="threads", workers=LIMITS.threads).workers == LIMITS.threads
    most_workers = {"processes": LIMITS.processes, "dask": LIMITS.dask_workers}
    assert set(most_workers) == set(IN_PROCESSES)
    for executor, workers in most_workers.items():
        assert RunSpec(**POOL, executor=executor, workers=workers).workers == workers
    asked = RunSpec(
        pattern="gather", tasks=1, sleep_s=0, workload="http", connections=LIMITS.connections
    )
    assert asked.connections == LIMITS.connections


def maybe(*good: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for values that are good, or anything."""
    anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    return st.sampled_from(good) | anything


@given(
    pattern=maybe(*PATTERNS),
    tasks=maybe(1, 7, 10_000),
    sleep_s=maybe(0, 0.5, 60),
    workload=maybe(None, *WORKLOADS),
    executor=maybe(None, *ExecutorKind),
    workers=maybe(None, 1, 4),
    spread=maybe(*Spread),
    limit=maybe(None, 1, 4),
    timeout_s=maybe(None, 0, 0.5),
    failing=maybe(None, 1, 7),
    failing_after_s=maybe(None, 0, 0.5),
)
def test_a_spec_is_valid_or_refused_with_one_line(**values: Any) -> None:
    spec = spec_or_refusal(values)
    if isinstance(spec, RunSpec):
        assert_valid(spec)
    else:
        assert len(spec.splitlines()) == 1


def spec_or_refusal(values: dict[str, Any]) -> RunSpec | str:
    """Return the spec of some values, or the sentence that refuses them."""
    try:
        return RunSpec(**values)
    except BadValue as refusal:
        return str(refusal)


@st.composite
def _specs(draw: st.DrawFn) -> RunSpec:
    """Return a spec of any pattern, with whatever that pattern takes."""
    pattern = PATTERNS[draw(st.sampled_from(list(PATTERNS)))]
    tasks = draw(st.integers(1, pattern.most_tasks or 1000))
    seconds = st.floats(0, 60) | st.integers(0, 60)
    fitting = [
        name
        for name, each in WORKLOADS.items()
        if pattern.arranges in each.kinds and not (each.opens and pattern.makes_loop)
    ]
    failing = draw(st.none() | st.integers(1, tasks))
    executor = draw(st.sampled_from(["threads", *IN_PROCESSES])) if pattern.takes_executor else None
    return RunSpec(
        pattern=pattern.name,
        tasks=tasks,
        sleep_s=draw(seconds),
        workload=draw(st.none() | st.sampled_from(fitting)),
        executor=executor,
        workers=draw(st.none() | st.integers(1, 16)) if executor else None,
        spread=draw(st.sampled_from(Spread)),
        limit=draw(st.none() | st.integers(1, 100)) if pattern.takes_limit else None,
        timeout_s=draw(st.none() | seconds) if pattern.takes_timeout else None,
        rate=draw(st.none() | st.integers(1, 1_000)) if pattern.takes_rate else None,
        failing=failing,
        failing_after_s=draw(st.none() | seconds) if failing else None,
    )


valid_specs = _specs()


@given(valid_specs)
def test_a_spec_comes_back_from_json_as_it_was(spec: RunSpec) -> None:
    assert_valid(spec)


def assert_valid(spec: RunSpec) -> None:
    """Check a spec's types, and that it survives its way to the measuring child."""
    again = RunSpec.from_dict(json.loads(json.dumps(spec.as_dict())))
    assert again == spec
    assert again.as_dict() == spec.as_dict()
    assert type(spec.tasks) is int
    assert type(spec.sleep_s) is float
    assert 1 <= spec.tasks <= LIMITS.tasks
    assert 0 <= spec.sleep_s <= LIMITS.sleep_s
    assert PATTERNS[spec.pattern].arranges in spec.job.kinds
    # a job's share of the longest sleep is rounded, so the first may sleep a little longer
    longest_s = math.nextafter(max(spec.sleep_s, spec.failing_after_s or 0), math.inf)
    assert all(0 <= spec.plan.sleep_s(index) <= longest_s for index in (0, spec.tasks - 1))
    pattern = PATTERNS[spec.pattern]
    assert (spec.limit is not None) == pattern.takes_limit
    assert (spec.timeout_s is not None) == pattern.takes_timeout
    assert (spec.failing_after_s is not None) == (spec.failing is not None)


@pytest.mark.parametrize(
    ("pattern", "workload", "rate"),
    [
        ("rate_limited", "sleep", DEFAULT_RATE),
        ("rate_limited", "http", DEFAULT_RATE),
        ("hammer", "http", DEFAULT_RATE),
        ("hammer", "sleep", None),
        ("gather", "http", None),
    ],
)
def test_who_keeps_a_rate_or_asks_again_has_one_without_asking_for_it(
    pattern: str, workload: str, rate: int | None
) -> None:
    assert RunSpec(pattern=pattern, workload=workload).rate == rate


def test_a_web_server_refuses_any_pattern_by_rate_where_that_is_asked_for() -> None:
    assert RunSpec(pattern="gather", workload="http", rate=5).plan.rate == 5
    assert RunSpec(pattern="gather", workload="http").plan.rate == 0


def test_a_run_in_dask_needs_its_scheduler_beside_what_its_jobs_need() -> None:
    assert RunSpec(**POOL, executor="processes").needs == ()
    assert RunSpec(**POOL, executor="dask").needs == ("dask",)
    assert RunSpec(**POOL, executor="dask", workload="cpu").needs == ("cpu", "dask")
