import pytest

from core.ideal import ideal
from core.spec import LIMITS, RunSpec
from core.units import NS_PER_S
from pages.components.contents import LESSONS
from pages.components.controls import (
    AUTOMATIC_UP_TO_S,
    FIRST_RACE,
    SLEEPS_MS,
    TASKS,
    WORKERS,
    Asked,
    _asked,
)


def asked(*patterns: str, **settings: object) -> Asked:
    return _asked(patterns, **({"tasks": 5, "sleep_s": 0.2} | settings))


def test_each_pattern_becomes_a_spec_with_the_settings_that_it_takes() -> None:
    found = asked("gather", "run_in_executor", executor="threads", workers=3)
    assert found.refusals == ()
    assert found.specs == (
        RunSpec(pattern="gather", tasks=5, sleep_s=0.2),
        RunSpec(pattern="run_in_executor", tasks=5, sleep_s=0.2, executor="threads", workers=3),
    )


def test_what_is_refused_leaves_the_others() -> None:
    found = asked("sequential", "gather", "threads", tasks=2_000)
    assert [spec.pattern for spec in found.specs] == ["gather"]
    too_long, too_many = found.refusals
    assert too_long.startswith("sequential would take 400.0 s at best; the limit is 60 s.")
    assert too_many.startswith("threads: tasks is 2000; it must be at most 1,000")


def test_the_slowest_run_decides_how_long_all_take() -> None:
    assert asked("gather", "sequential").slowest_ideal_s == 1.0
    assert Asked(specs=(), refusals=()).slowest_ideal_s == 0


def test_every_value_that_a_control_offers_is_allowed() -> None:
    for tasks in TASKS:
        RunSpec(pattern="gather", tasks=tasks, sleep_s=0.001)
    for sleep_ms in SLEEPS_MS:
        RunSpec(pattern="gather", tasks=1, sleep_s=sleep_ms / 1_000)
    for workers in WORKERS:
        for executor in ("threads", "processes"):
            assert asked("run_in_executor", executor=executor, workers=workers).refusals == ()
    assert max(TASKS) == LIMITS.tasks


@pytest.mark.parametrize("values", [TASKS, SLEEPS_MS, WORKERS])
def test_the_values_of_a_slider_rise(values: tuple[int, ...]) -> None:
    assert list(values) == sorted(set(values))


@pytest.mark.parametrize("pattern", [*FIRST_RACE, *LESSONS])
def test_what_a_page_asks_for_at_first_is_quick_enough_to_be_measured_by_itself(
    pattern: str,
) -> None:
    (spec,) = asked(pattern).specs
    assert ideal(spec).wall_ns / NS_PER_S <= AUTOMATIC_UP_TO_S
