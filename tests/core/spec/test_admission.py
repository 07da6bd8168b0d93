"""The doors: what a server lets in, and in which words it refuses the rest."""

import platform
from dataclasses import replace

import pytest

from core.errors import BadValue, PythonTooOld, TooLong
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.spec.admission import check_limits, spec_within, specs_within
from core.spec.ideal import schedule
from core.spec.limits import HOSTED, LIMITS
from core.spec.run_spec import RunSpec
from tests.kit.needs import need_python

SHORT: dict[str, object] = {"tasks": 2, "sleep_s": 0.1}


def executors(patterns: list[str], **settings: object) -> list[tuple[str | None, int | None]]:
    specs = specs_within(LIMITS, patterns, SHORT | settings)
    assert [spec.pattern for spec in specs] == patterns
    return [(spec.executor, spec.workers) for spec in specs]


def test_an_executor_and_its_workers_go_to_the_patterns_that_take_one() -> None:
    patterns = ["gather", "run_in_executor", "threads"]
    given = executors(patterns, executor="processes", workers=3)
    assert given == [(None, None), ("processes", 3), (None, None)]
    given = executors(patterns, executor="dask", workers=3)
    assert given == [(None, None), ("dask", 3), (None, None)]


@pytest.mark.parametrize("executor", [None, "default"])
def test_workers_are_left_out_where_no_pool_is_chosen(executor: str | None) -> None:
    assert executors(["run_in_executor"], executor=executor, workers=3) == [("default", None)]


def test_a_limit_and_a_time_out_go_to_the_patterns_that_take_one() -> None:
    patterns = ["gather", "semaphore", "queue_workers", "timeout", "thread_timeout"]
    specs = specs_within(LIMITS, patterns, SHORT | {"limit": 3, "timeout_s": 0.5})
    assert [spec.limit for spec in specs] == [None, 3, 3, None, None]
    assert [spec.timeout_s for spec in specs] == [None, None, None, 0.5, 0.5]


def test_the_job_that_fails_is_the_same_in_every_pattern() -> None:
    specs = specs_within(
        LIMITS, ["gather", "threads"], SHORT | {"failing": 2, "failing_after_s": 0.0}
    )
    assert [(spec.failing, spec.failing_after_s) for spec in specs] == [(2, 0.0)] * 2


def test_every_pattern_can_be_compared_with_one_set_of_settings() -> None:
    names, most = list(PATTERNS), LIMITS.runs
    for first in range(0, len(names), most):
        some = names[first : first + most]
        assert len(executors(some, executor="threads", workers=2)) == len(some) > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"executor": "nope"},
        {"workers": 0},
        {"workers": 10_000},
        {"limit": 0},
        {"limit": "x"},
        {"timeout_s": -1},
        {"timeout_s": 61},
    ],
)
def test_a_setting_that_is_left_out_is_checked_even_so(settings: dict[str, object]) -> None:
    with pytest.raises(BadValue):
        executors(["gather"], **settings)


@pytest.mark.parametrize("count", [0, LIMITS.runs + 1])
def test_no_runs_and_too_many_runs_are_refused(count: int) -> None:
    with pytest.raises(BadValue, match=f"runs is {count}; it must be at"):
        executors(["gather"] * count)


def test_a_run_that_is_too_long_is_refused_with_the_time_that_it_would_take() -> None:
    with pytest.raises(TooLong) as refusal:
        check_limits(RunSpec(pattern="sequential", tasks=7, sleep_s=10), LIMITS)
    assert str(refusal.value) == (
        "sequential would take 70.0 s at best; the limit is 60 s. "
        "Use fewer tasks or a shorter sleep"
    )


def test_a_run_as_long_as_the_limit_is_let_through() -> None:
    spec = RunSpec(pattern="sequential", tasks=6, sleep_s=10)
    check_limits(spec, LIMITS)
    assert schedule(spec).wall_ns == LIMITS.ideal_wall_s * 10**9


def test_a_run_that_this_server_does_not_measure_is_none_the_less_a_run() -> None:
    spec = RunSpec(pattern="gather", tasks=HOSTED.tasks + 1, sleep_s=0.1)
    check_limits(spec, LIMITS)
    with pytest.raises(BadValue, match=r"^tasks is 10001; it must be at most 10,000, so that the"):
        check_limits(spec, HOSTED)


def test_a_pattern_of_a_newer_python_is_a_run_that_this_one_does_not_measure(
    too_new: Pattern,
) -> None:
    spec = spec_within(LIMITS, too_new.name, SHORT)
    assert specs_within(LIMITS, ["gather", too_new.name], SHORT)[1] == spec
    assert RunSpec.from_dict(spec.as_dict()) == spec
    with pytest.raises(PythonTooOld) as refusal:
        check_limits(spec, LIMITS)
    here = platform.python_version()
    assert str(refusal.value) == f"{too_new.name} needs Python 99.1 or newer; this is Python {here}"


def test_a_limit_bounds_what_was_left_open() -> None:
    pool: dict[str, object] = SHORT | {"executor": "threads"}
    few = replace(LIMITS, threads=1, processes=1)
    assert spec_within(few, "run_in_executor", pool).workers == 1
    assert spec_within(few, "run_in_executor", pool | {"executor": "processes"}).workers == 1


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_was_let_in_once_is_let_in_again(pattern: str) -> None:
    need_python(PATTERNS[pattern])
    check_limits(spec_within(LIMITS, pattern, SHORT), LIMITS)
