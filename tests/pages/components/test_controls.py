import pytest

from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec.ideal import ideal
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_S
from pages.components.controls import (
    AUTOMATIC_UP_TO_S,
    BASICS,
    FIRST_RACE,
    RunChoice,
    RunRequest,
    _request,
)
from pages.components.navigation import LESSONS


def requested(*choices: RunChoice | str, **settings: object) -> RunRequest:
    each = [
        choice if isinstance(choice, RunChoice) else RunChoice(pattern=choice) for choice in choices
    ]
    return _request(each, {"tasks": 5, "sleep_s": 0.2} | settings)


def test_each_pattern_becomes_a_spec_with_the_settings_that_it_takes() -> None:
    settings = {"executor": "threads", "workers": 3, "limit": 4, "timeout_s": 0.1}
    found = requested("gather", "run_in_executor", "semaphore", "wait_for", **settings)
    assert found.refusals == ()
    assert found.specs == (
        RunSpec(pattern="gather", tasks=5, sleep_s=0.2),
        RunSpec(pattern="run_in_executor", tasks=5, sleep_s=0.2, executor="threads", workers=3),
        RunSpec(pattern="semaphore", tasks=5, sleep_s=0.2, limit=4),
        RunSpec(pattern="wait_for", tasks=5, sleep_s=0.2, timeout_s=0.1),
    )


def test_a_side_may_name_a_job_of_its_own() -> None:
    found = requested(RunChoice(pattern="timeout", workload="stubborn"), "timeout")
    assert [spec.workload for spec in found.specs] == ["stubborn", "sleep"]


def test_every_side_gets_the_job_that_fails() -> None:
    found = requested("gather", "threads", failing=2, failing_after_s=0.1)
    assert [(spec.failing, spec.failing_after_s) for spec in found.specs] == [(2, 0.1)] * 2


def test_what_is_refused_leaves_the_others() -> None:
    found = requested("sequential", "gather", "threads", tasks=20_000)
    assert [spec.pattern for spec in found.specs] == ["gather"]
    too_long, too_many = found.refusals
    assert too_long.startswith("sequential would take 4,000.0 s at best; the limit is 60 s.")
    assert too_many.startswith("threads: tasks is 20000; it must be at most 10,000")


def test_the_slowest_run_decides_how_long_all_take() -> None:
    assert requested("gather", "sequential").slowest_ideal_s == 1.0
    assert RunRequest(specs=(), refusals=()).slowest_ideal_s == 0


@pytest.mark.parametrize("pattern", [*FIRST_RACE, *LESSONS])
@pytest.mark.parametrize("spread", Spread)
def test_what_a_page_asks_for_at_first_is_quick_enough_to_be_measured_by_itself(
    pattern: str, spread: Spread
) -> None:
    (spec,) = requested(pattern, spread=spread).specs
    assert ideal(spec).wall_ns / NS_PER_S <= AUTOMATIC_UP_TO_S


def test_the_first_race_and_the_lessons_are_among_the_basic_patterns() -> None:
    assert {*FIRST_RACE, *LESSONS} <= set(BASICS) <= set(PATTERNS)
