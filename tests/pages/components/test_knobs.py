from dataclasses import asdict

import pytest
from streamlit.testing.v1 import AppTest

from core.patterns import PATTERNS
from core.spec.limits import LIMITS
from core.spec.run_spec import RunSpec, Settings
from pages.components.knobs import FAILING, LIMITS_AT_ONCE, SLEEPS_MS, TASKS, WORKERS, Defaults
from tests.kit.screen import SCRIPT_LIMIT_S

SIZES = ["Tasks", "Sleep"]
FAILURE = ["Failing job", "Fails after"]


def knobs(*patterns: str, **first: object) -> AppTest:
    """Return a page that has only the knobs of some patterns, and keeps their settings."""

    def page(patterns: list[str], first: dict[str, object]) -> None:
        import streamlit as st

        from core.patterns import PATTERNS
        from pages.components import link, look
        from pages.components.knobs import Defaults, Knobs

        shown = [PATTERNS[name] for name in patterns]
        knobs = Knobs(
            link=link.begin("here"),
            layout=look.laid_out(),
            patterns=shown,
            defaults=Defaults(**first),  # type: ignore[arg-type]
        )
        st.session_state["settings"] = knobs.settings()

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(patterns, first)).run()
    assert [error.value for error in at.exception] == []
    return at


def settings(at: AppTest) -> Settings:
    found: Settings = at.session_state["settings"]
    return found


def sliders(at: AppTest) -> list[str]:
    return [each.label for each in at.select_slider]


@pytest.mark.parametrize(
    ("patterns", "more"),
    [
        (["gather"], []),
        (["run_in_executor"], []),
        (["semaphore"], ["Limit"]),
        (["gather", "queue_workers"], ["Limit"]),
        (["timeout"], ["Time-out"]),
        (["thread_timeout", "gather"], ["Time-out"]),
        (["wait_for", "semaphore"], ["Limit", "Time-out"]),
    ],
)
def test_a_knob_is_there_if_one_of_the_patterns_takes_it(
    patterns: list[str], more: list[str]
) -> None:
    assert sliders(knobs(*patterns)) == more + SIZES
    assert sliders(knobs(*patterns, one_fails=True)) == more + SIZES + FAILURE


def test_the_executor_can_be_chosen_where_a_pattern_takes_one() -> None:
    assert [each.label for each in knobs("gather").segmented_control] == ["Sleep times"]
    labels = [each.label for each in knobs("gather", "run_in_executor").segmented_control]
    assert labels == ["Executor", "Sleep times"]


def test_the_knobs_stand_at_first_where_the_page_wants_them() -> None:
    first = Defaults(
        tasks=10,
        sleep_ms=50,
        limit=2,
        timeout_ms=20,
        failing=4,
        failing_after_ms=10,
        one_fails=True,
    )
    assert settings(knobs("semaphore", "timeout", **asdict(first))) == Settings(
        tasks=10,
        sleep_s=0.05,
        limit=2,
        timeout_s=0.02,
        spread="equal",
        failing=4,
        failing_after_s=0.01,
    )


def test_what_no_pattern_takes_is_not_in_the_settings() -> None:
    assert settings(knobs("gather")) == Settings(tasks=5, sleep_s=0.2, spread="equal")


def test_a_moved_knob_moves_its_setting() -> None:
    at = knobs("semaphore", "wait_for", one_fails=True)
    values = {"limit": 3, "timeout": 50, "failing": 2, "failing after": 20}
    for name, value in values.items():
        at.select_slider(key=f"here {name}").set_value(value)
    found = settings(at.run())
    assert (found["limit"], found["timeout_s"]) == (3, 0.05)
    assert (found["failing"], found["failing_after_s"]) == (2, 0.02)


def test_every_value_that_a_knob_offers_is_allowed() -> None:
    for tasks in TASKS:
        RunSpec(pattern="gather", tasks=tasks, sleep_s=0.001)
    for sleep_ms in SLEEPS_MS:
        seconds = sleep_ms / 1_000
        RunSpec(pattern="timeout", tasks=1, sleep_s=seconds, timeout_s=seconds)
        RunSpec(pattern="gather", tasks=1, sleep_s=0, failing=1, failing_after_s=seconds)
    for workers in WORKERS:
        for executor in ("threads", "processes"):
            pool = {"executor": executor, "workers": workers}
            RunSpec(pattern="run_in_executor", tasks=1, sleep_s=0, **pool)  # type: ignore[arg-type]
    for limit in LIMITS_AT_ONCE:
        RunSpec(pattern="semaphore", tasks=1, sleep_s=0, limit=limit)
    for failing in FAILING:
        RunSpec(pattern="gather", tasks=max(FAILING), sleep_s=0, failing=failing)
    assert max(TASKS) == LIMITS.tasks


@pytest.mark.parametrize("values", [TASKS, SLEEPS_MS, WORKERS, LIMITS_AT_ONCE, FAILING])
def test_the_values_of_a_knob_rise(values: tuple[int, ...]) -> None:
    assert list(values) == sorted(set(values))


def test_together_the_patterns_show_every_knob_that_there_is() -> None:
    assert sliders(knobs(*PATTERNS, one_fails=True)) == ["Limit", "Time-out", *SIZES, *FAILURE]
