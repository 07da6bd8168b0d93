"""The best schedule possible."""

import math
import sys
import warnings
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.jobs import JobKind
from core.pattern import AtOnce
from core.patterns import PATTERNS
from core.recording.transcript import transcribed
from core.spec.ideal import _Cache, ideal_of, schedule, time_limit_s
from core.spec.limits import default_pool_size
from core.spec.run_spec import RunSpec
from tests.core.spec.test_run_spec import valid_specs
from tests.kit.sleeping import sleeping_job
from tests.kit.virtual import VirtualClock, ended_ms, run_virtually, whole_ms

MS = 1_000_000
CHILD_NS = 100 * MS
APART_NS = 10 * MS
"""How far apart the items of a service arrive, up to its signal."""


def ends_ms(spec: RunSpec) -> list[int]:
    return [end // MS for end in schedule(spec).end_ns]


def test_one_at_a_time_adds_up() -> None:
    assert ends_ms(RunSpec(pattern="sequential", tasks=3, sleep_s=0.2)) == [200, 400, 600]


def test_all_at_once_takes_as_long_as_the_longest() -> None:
    spec = RunSpec(pattern="gather", tasks=4, sleep_s=0.4, spread="falling")
    assert ends_ms(spec) == [400, 300, 200, 100]
    assert schedule(spec).wall_ns == 400 * MS


def test_a_pool_of_three_runs_eight_jobs_in_three_waves() -> None:
    spec = RunSpec(pattern="run_in_executor", tasks=8, sleep_s=1, executor="threads", workers=3)
    assert ends_ms(spec) == [1000] * 3 + [2000] * 3 + [3000] * 2
    assert [start // MS for start in schedule(spec).start_ns] == [0] * 3 + [1000] * 3 + [2000] * 2


def test_a_hundred_thousand_jobs_go_in_waves_as_few_do() -> None:
    spec = RunSpec(pattern="semaphore", tasks=100_000, sleep_s=0.001, limit=3_000)
    best = schedule(spec)
    waves = [index // 3_000 for index in range(100_000)]
    assert best.start_ns == tuple(wave * MS for wave in waves)
    assert best.end_ns == tuple((wave + 1) * MS for wave in waves)
    assert best.wall_ns == 34 * MS


def at_best(**settings: Any) -> tuple[list[int], int]:
    """Return when jobs of 400 ms would end, and when the pattern would return, in milliseconds."""
    spec = RunSpec(**{"tasks": 4, "sleep_s": 0.4} | settings)
    return ends_ms(spec), schedule(spec).wall_ns // MS


FAILS = {"failing": 2, "failing_after_s": 0.1}
TIMED = {"spread": "falling", "timeout_s": 0.25}


@pytest.mark.parametrize(
    ("pattern", "ends", "wall"),
    [
        ("sequential", [400, 500, 500, 500], 500),
        ("blocking_loop", [400, 500, 500, 500], 500),
        ("create_task", [400, 100, 400, 400], 400),
        ("gather", [100, 100, 100, 100], 100),
        ("as_completed", [100, 100, 100, 100], 100),
        ("asyncio_run", [100, 100, 100, 100], 100),
        ("runner", [100, 100, 100, 100], 100),
        ("task_group", [100, 100, 100, 100], 100),
        ("gather_error", [400, 100, 400, 400], 400),
        ("gather_exceptions", [400, 100, 400, 400], 400),
        ("try_each", [400, 100, 400, 400], 400),
        ("threads", [400, 100, 400, 400], 400),
    ],
)
def test_a_failure_ends_what_the_pattern_lets_it_end(
    pattern: str, ends: list[int], wall: int
) -> None:
    assert at_best(pattern=pattern, **FAILS) == (ends, wall)


def test_jobs_in_workers_go_on_after_the_pattern_has_raised() -> None:
    pool = {"executor": "threads", "workers": 2}
    assert at_best(pattern="run_in_executor", **pool, **FAILS) == ([400, 100, 500, 800], 100)


def test_threads_work_on_beside_coroutines_that_are_cancelled() -> None:
    assert at_best(pattern="to_thread", **FAILS) == ([400, 100, 400, 100], 100)


def test_a_job_that_is_cancelled_before_it_can_fail_does_not_end_the_others() -> None:
    late = {"failing": 1, "failing_after_s": 0.2, "timeout_s": 0.1}
    assert at_best(pattern="timeout", workload="cleanup", **late) == ([150, 200, 200, 200], 200)


def test_a_job_that_is_cancelled_while_it_cleans_up_ends_at_once() -> None:
    assert at_best(pattern="timeout", workload="cleanup", timeout_s=0.45) == ([450] * 4, 450)


def test_a_limit_counts_also_where_a_job_fails() -> None:
    assert at_best(pattern="semaphore", limit=2) == ([400, 400, 800, 800], 800)
    assert at_best(pattern="queue_workers", limit=3) == ([400, 400, 400, 800], 800)
    later = {"failing": 3, "failing_after_s": 0.1}
    assert at_best(pattern="semaphore", limit=2, **later) == ([400, 400, 500, 500], 500)


@pytest.mark.parametrize("pattern", ["cancel_tasks", "timeout", "wait_for"])
@pytest.mark.parametrize(
    ("workload", "ends"),
    [
        ("sleep", [250, 250, 200, 100]),
        ("cleanup", [350, 325, 250, 125]),
        ("stubborn", [400, 300, 200, 100]),
    ],
)
def test_a_time_out_is_the_end_unless_jobs_take_longer_to_leave(
    pattern: str, workload: str, ends: list[int]
) -> None:
    assert at_best(pattern=pattern, workload=workload, **TIMED) == (ends, max(ends))


def test_threads_work_on_after_their_time_out_but_none_is_taken_any_more() -> None:
    assert at_best(pattern="thread_timeout", **TIMED) == ([400, 300, 200, 100], 250)
    pool = default_pool_size()
    ends, wall = at_best(pattern="thread_timeout", tasks=pool + 2, timeout_s=0.1)
    assert (ends, wall) == ([400] * pool + [100] * 2, 100)


def test_the_second_half_begins_when_the_first_has_ended() -> None:
    spec = RunSpec(pattern="runner", tasks=5, sleep_s=0.4, spread="falling")
    assert [start // MS for start in schedule(spec).start_ns] == [0, 0, 0, 400, 400]
    assert ends_ms(spec) == [400, 320, 240, 560, 480]


def test_every_second_job_waits_for_a_worker_and_the_others_for_nobody() -> None:
    pool = default_pool_size()
    ends, wall = at_best(pattern="to_thread", tasks=2 * pool + 2)
    assert (ends, wall) == ([400] * 2 * pool + [800, 400], 800)


@pytest.mark.parametrize(("workload", "others"), [("cleanup", 225), ("stubborn", 400)])
def test_a_group_waits_for_those_that_it_has_cancelled(workload: str, others: int) -> None:
    ends, wall = at_best(pattern="task_group", workload=workload, **FAILS)
    assert (ends[0], wall) == (others, others)


@given(valid_specs)
@example(
    RunSpec(
        pattern="semaphore", tasks=194, sleep_s=1.0, workload="cleanup", spread="falling", limit=10
    )
)
@example(
    RunSpec(
        pattern="drain_queue", tasks=2, sleep_s=0.0, timeout_s=1.0, failing=2, failing_after_s=1.0
    )
)
def test_no_schedule_is_longer_than_all_jobs_or_shorter_than_any_without_a_failure(
    spec: RunSpec,
) -> None:
    best = schedule(spec)
    lasting = [end - start for start, end in zip(best.start_ns, best.end_ns, strict=True)]
    # in whole nanoseconds, before a workload makes more of them, as the schedule has them
    planned = [round(spec.plan.sleep_s(index) * 1e9) for index in range(spec.tasks)]
    at_most = [round(spec.job.length(each, math.inf)) + 1 for each in planned]
    if ideal_of(spec) is None:
        # It bounds runs, so each job has all of its length, unless the pattern gives up before.
        give_up_ns = math.inf if spec.timeout_s is None else round(spec.timeout_s * 1e9)
        for start, end, most in zip(best.start_ns, best.end_ns, at_most, strict=True):
            assert end >= min(start + most - 1, give_up_ns)
        return
    assert all(0 <= each <= most for each, most in zip(lasting, at_most, strict=True))
    # A service returns at its signal, however little it has to do.
    signal_ns = round((spec.timeout_s or 0) * 1e9)
    keeps_rate = spec.rate is not None
    assert best.wall_ns <= max(latest_ns(spec) + sum(at_most), signal_ns) or keeps_rate
    if spec.failing is None and spec.timeout_s is None:
        assert max(lasting) <= best.wall_ns
        if PATTERNS[spec.pattern].at_once is AtOnce.ONE:
            assert best.wall_ns == sum(lasting)


def latest_ns(spec: RunSpec) -> float:
    """Return when the last job can begin at the latest, if it has to wait for no other job."""
    if PATTERNS[spec.pattern].process_per_job:
        return CHILD_NS
    if spec.pattern in {"stop_at_once", "drain_queue"}:
        return min((spec.tasks - 1) * APART_NS, (spec.timeout_s or 0) * 1e9)
    return 0


NEVER_DONE = {
    "never_awaited",
    "forgotten_tasks",
    "unreferenced_tasks",
    "nested_run",
    "deadlock",
    "shield",
    "stop_at_once",
} | ({"get_event_loop"} if sys.version_info >= (3, 14) else set())
WAITS_AFTER_WORK = {"barrier"}
"""The schedule has the work alone: here a job whose work is done waits for the others."""
WITH_THREADS = {"run_coroutine_threadsafe"}
"""Threads end in real time, for which a virtual clock does not wait."""
WITH_CHILDREN = {"blocking_child", "awaited_child"}
"""So do child processes."""
LEAVE_IN_QUEUE = {"unbounded_queue", "bounded_queue", "shut_down_queue", "undrained", "drained"}
AS_PREDICTED = [
    name
    for name, pattern in PATTERNS.items()
    if pattern.arranges is JobKind.COROUTINE
    and not pattern.takes_both_kinds
    and pattern.has_ideal
    and name not in NEVER_DONE | WAITS_AFTER_WORK | WITH_THREADS | WITH_CHILDREN
    and pattern.runs_here
]


@st.composite
def _for_the_virtual_clock(draw: st.DrawFn) -> RunSpec:
    """Return a spec in which no two things that matter to each other happen at the same time.

    After a failure, a limit or a lock admits one more job before it is cancelled, and a loop that
    is closed by hand forgets jobs: there only jobs that leave at once end as predicted. What a
    failure leaves in a queue is never awaited, and Python warns of it when it is freed. Behind a
    shield, a failure after the time-out is seen when all have ended. A clean-up that nested
    time-outs begin is cut short by the outer one.
    """
    pattern = PATTERNS[draw(st.sampled_from(AS_PREDICTED))]
    tasks = draw(st.integers(1, 5))
    fails_otherwise = pattern.name in {"shield_awaited", *LEAVE_IN_QUEUE}
    failing = None if fails_otherwise else draw(st.none() | st.integers(1, tasks))
    leaves_at_once = failing and (
        pattern.takes_limit or pattern.name in {"with_lock", "loop_by_hand", "get_event_loop"}
    )
    return RunSpec(
        pattern=pattern.name,
        tasks=tasks,
        sleep_s=0.6,
        workload="sleep"
        if leaves_at_once or pattern.name == "nested_timeouts"
        else draw(st.sampled_from(["sleep", "cleanup", "stubborn"])),
        spread=draw(st.sampled_from(["equal", "falling"])),
        limit=draw(st.integers(1, 4)) if pattern.takes_limit else None,
        timeout_s=draw(st.sampled_from([0.041, 0.313, 0.707])) if pattern.takes_timeout else None,
        rate=draw(st.sampled_from([4, 7, 25])) if pattern.takes_rate else None,
        failing=failing,
        failing_after_s=draw(st.sampled_from([0.017, 0.191, 0.471, 0.817])) if failing else None,
    )


@settings(max_examples=200)
@given(_for_the_virtual_clock())
def test_what_is_predicted_is_what_happens_where_only_jobs_take_time(spec: RunSpec) -> None:
    clock = VirtualClock()
    job = sleeping_job(spec.plan, str(spec.workload))
    with transcribed(lambda _: None), warnings.catch_warnings(record=True):
        timeline = run_virtually(
            PATTERNS[spec.pattern],
            job,
            spec.tasks,
            clock=clock,
            limit=spec.limit,
            rate=spec.rate,
            timeout_s=spec.timeout_s,
        ).timeline
    predicted = schedule(spec)
    ends = {int(number): predicted.end_ns[int(number)] // MS for number in timeline.jobs.number}
    assert dict(zip(timeline.jobs.number.tolist(), ended_ms(timeline), strict=True)) == ends
    assert whole_ms(timeline) == predicted.wall_ns // MS


@pytest.mark.parametrize(
    ("executor", "wall"), [("threads", 1_600), ("processes", 800), ("dask", 800)]
)
def test_a_limit_of_connections_counts_in_each_process_by_itself(executor: str, wall: int) -> None:
    settings = {"workload": "http", "connections": 1, "executor": executor, "workers": 2}
    assert at_best(pattern="run_in_executor", **settings)[1] == wall


@pytest.mark.parametrize(
    ("pattern", "workload", "ends"),
    [
        ("except_star", "sleep", [100, 100, 100, 100]),
        ("nested_groups", "sleep", [100, 100, 100, 100]),
        ("except_star", "cleanup", [225, 200, 175, 125]),
        ("nested_groups", "cleanup", [275, 250, 175, 125]),
        ("nested_groups", "stubborn", [400, 300, 200, 100]),
    ],
)
def test_a_clean_up_that_fails_ends_its_group_and_a_group_that_failed_the_others(
    pattern: str, workload: str, ends: list[int]
) -> None:
    best = at_best(pattern=pattern, workload=workload, spread="falling")
    assert best == (ends, max(ends))


def test_the_first_job_that_is_refused_ends_a_pattern_that_raises() -> None:
    settings = {"workload": "http", "failure_rate": 0.5, "spread": "falling"}
    assert at_best(pattern="gather", **settings) == ([100, 100, 100, 100], 100)
    assert at_best(pattern="create_task", **settings) == ([400, 300, 200, 100], 400)
    assert at_best(pattern="gather_exceptions", **settings) == ([400, 300, 200, 100], 400)


def test_a_pattern_without_an_ideal_has_an_upper_bound_that_is_not_shown_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = RunSpec(pattern="semaphore", tasks=4, sleep_s=0.4, limit=2)
    assert ideal_of(spec) == schedule(spec)
    monkeypatch.setitem(PATTERNS, "semaphore", replace(PATTERNS["semaphore"], has_ideal=False))
    assert ideal_of(spec) is None
    assert schedule(spec).wall_ns == 800 * MS
    assert time_limit_s(spec) == pytest.approx(3 * 0.8 + 5 + 4 * 0.005)


def test_a_service_returns_at_its_signal_at_the_soonest_and_takes_nothing_after_it() -> None:
    service = {"limit": 2, "sleep_s": 0.1}
    late, early = {"timeout_s": 0.5, **service}, {"timeout_s": 0.015, **service}
    assert at_best(pattern="stop_at_once", **late) == ([100, 110, 200, 210], 500)
    assert at_best(pattern="drain_queue", **late) == ([100, 110, 200, 210], 500)
    assert at_best(pattern="stop_at_once", **early) == ([15, 15, 15, 15], 15)
    assert at_best(pattern="drain_queue", **early) == ([100, 110, 15, 15], 110)


def test_schedules_are_kept_by_their_size_and_the_latest_stay() -> None:
    latest = _Cache(most_jobs=10)
    specs = [RunSpec(pattern="gather", tasks=tasks, sleep_s=0.1) for tasks in (6, 4, 5, 11)]
    six, four, five, eleven = map(latest.of, specs)
    assert latest.of(specs[1]) is four
    assert latest.of(specs[2]) is five
    assert latest.of(specs[0]) is not six
    assert latest.of(specs[3]) == eleven
    assert latest.of(specs[3]) is not eleven


def test_the_time_limit_is_well_past_the_ideal() -> None:
    assert time_limit_s(RunSpec(pattern="sequential", tasks=10, sleep_s=1)) == pytest.approx(35.05)
    assert time_limit_s(RunSpec(pattern="gather", tasks=1000, sleep_s=0)) == pytest.approx(10)
    many = RunSpec(pattern="gather", tasks=100_000, sleep_s=0)
    assert time_limit_s(many) == pytest.approx(5 + 50 + 90)
    in_dask = RunSpec(pattern="run_in_executor", tasks=100, sleep_s=0, executor="dask")
    assert time_limit_s(in_dask) == pytest.approx(30)
