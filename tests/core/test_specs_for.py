import pytest

from core.errors import BadValue
from core.patterns import PATTERNS
from core.spec.limits import LIMITS
from core.spec.run_spec import specs_for


def executors(patterns: list[str], **settings: object) -> list[tuple[str | None, int | None]]:
    specs = specs_for(patterns, tasks=2, sleep_s=0.1, **settings)  # type: ignore[arg-type]
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
    specs = specs_for(patterns, tasks=2, sleep_s=0.1, limit=3, timeout_s=0.5)
    assert [spec.limit for spec in specs] == [None, 3, 3, None, None]
    assert [spec.timeout_s for spec in specs] == [None, None, None, 0.5, 0.5]


def test_the_job_that_fails_is_the_same_in_every_pattern() -> None:
    specs = specs_for(["gather", "threads"], tasks=2, sleep_s=0.1, failing=2, failing_after_s=0.0)
    assert [(spec.failing, spec.failing_after_s) for spec in specs] == [(2, 0.0)] * 2


def test_every_pattern_can_be_compared_with_one_set_of_settings() -> None:
    assert len(executors(list(PATTERNS), executor="threads", workers=2)) == len(PATTERNS)


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
