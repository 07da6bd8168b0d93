""

import platform
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import Spread
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.spec.admission import spec_within
from core.spec.ideal import schedule
from core.spec.limits import LIMITS, limits_from
from core.spec.run_spec import SETTINGS, RunSpec
from core.text.language import NS_PER_S
from pages.components import controls
from pages.components.controls import (
    AUTOMATIC_UP_TO_S,
    BASICS,
    FIRST_RACE,
    RunChoice,
    RunRequest,
    Settings,
    _request,
)
from pages.components.navigation import LESSONS, READING, titles
from tests.kit.pause import PAUSE
from tests.kit.screen import SCRIPT_LIMIT_S, opened

WORDS = ("workload", "executor", "spread")
SIZES = ["Tasks", "Sleep"]
FAILURE = ["Failing job", "Fails after"]


def knobs(*patterns: str, **first: object) -> AppTest:
    """Return a page that has only the knobs of some patterns, and keeps their settings."""

    def page(patterns: list[str], first: dict[str, object]) -> None:
        import streamlit as st

        from core.patterns import PATTERNS
        from pages.components import link, look
        from pages.components.controls import Defaults, Knobs

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
    assert sliders(knobs(*patterns)) == SIZES + more
    assert sliders(knobs(*patterns, one_fails=True)) == SIZES + more + FAILURE


def test_the_executor_can_be_chosen_where_a_pattern_takes_one() -> None:
    assert [each.label for each in knobs("gather").segmented_control] == ["Sleep times"]
    labels = [each.label for each in knobs("gather", "run_in_executor").segmented_control]
    assert labels == ["Executor", "Sleep times"]


def test_the_knobs_stand_at_first_where_the_page_wants_them() -> None:
    first: Settings = {
        "tasks": 10,
        "sleep_s": 0.05,
        "limit": 2,
        "timeout_s": 0.02,
        "failing": 4,
        "failing_after_s": 0.01,
    }
    assert settings(knobs("semaphore", "timeout", one_fails=True, **first)) == first | {
        "spread": "equal"
    }


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


FEW = limits_from({"LOOPSCOPE_PROFILE": "hosted", "LOOPSCOPE_SERVERS": "4"})


@pytest.mark.parametrize("page", [name for name in titles() if name not in READING])
def test_a_page_opens_with_no_more_than_a_server_allows(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "LIMITS", FEW)
    screen = opened(page, by_itself=False)
    assert screen.texts("error") == []
    assert "must be" not in screen.left_out


def test_a_pool_that_is_chosen_later_opens_with_no_more_than_a_server_allows_of_its_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(controls, "LIMITS", replace(FEW, processes=2))
    screen = opened("run_in_executor", by_itself=False).choose("executor", "processes")
    assert screen.slid("workers") == 2
    screen = opened("run_in_executor", by_itself=False).choose("executor", "threads")
    assert screen.slid("workers") == 3


def test_what_is_moved_beyond_a_limit_is_refused_and_moves_no_other_knob(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(controls, "LIMITS", replace(FEW, tasks=2))
    at = knobs("semaphore", one_fails=True)
    assert (settings(at)["tasks"], settings(at)["failing"], settings(at)["limit"]) == (2, 2, 2)
    at.select_slider(key="here tasks").set_value(1)
    assert settings(at.run())["failing"] == 2
    screen = opened("child_processes", by_itself=False).slide(tasks=2)
    assert len(screen.texts("error")) == 2


OFFERED = [
    (name, position)
    for name, entry in SETTINGS.items()
    if entry.widget is not None and name != "workload"
    for position in entry.widget.positions
]


@pytest.mark.parametrize(("name", "position"), OFFERED)
def test_every_value_that_a_knob_offers_is_allowed(name: str, position: Any) -> None:
    widget = SETTINGS[name].widget
    assert widget is not None
    value = widget.scale.value(position)
    assert widget.scale.position(value) == position
    takes_it: dict[str, tuple[str, Settings]] = {
        "executor": ("run_in_executor", {}),
        "workers": ("run_in_executor", {"executor": "processes"}),
        "limit": ("semaphore", {}),
        "timeout_s": ("timeout", {}),
        "failing": ("gather", {"tasks": 100}),
        "failing_after_s": ("gather", {"failing": 1}),
        "connections": ("gather", {"workload": "http"}),
        "failure_rate": ("gather", {"workload": "http"}),
        "rate": ("rate_limited", {}),
    }
    pattern, more = takes_it.get(name, ("gather", {}))
    assert getattr(spec_within(LIMITS, pattern, more | {name: value}), name) == value


def test_as_many_tasks_are_offered_as_a_run_may_have() -> None:
    assert SETTINGS["tasks"].widget is not None
    assert max(SETTINGS["tasks"].widget.positions) == LIMITS.tasks


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in WORDS])
def test_the_values_of_a_knob_rise(name: str) -> None:
    widget = SETTINGS[name].widget
    assert widget is not None
    assert list(widget.positions) == sorted(set(widget.positions))


def test_together_the_patterns_show_every_knob_that_there_is() -> None:
    shown = sliders(knobs(*PATTERNS, one_fails=True))
    assert shown == [*SIZES, "Limit", "Time-out", "Requests/s", *FAILURE]


def test_one_more_entry_is_a_widget_and_a_place_in_the_link_that_brings_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SETTINGS, "pause_s", PAUSE)
    at = _linked_page().run()
    at.select_slider(key="here pause").set_value(20)
    at.run()
    assert at.session_state["settings"]["pause_s"] == 0.02
    assert at.query_params["pause"] == "20ms"
    again = _linked_page()
    again.query_params["pause"] = "20ms"
    assert again.run().session_state["settings"]["pause_s"] == 0.02


def _linked_page() -> AppTest:
    def page() -> None:
        import streamlit as st

        from core.patterns import PATTERNS
        from pages.components import link, look
        from pages.components.controls import Defaults, Knobs

        here = link.begin("here")
        knobs = Knobs(
            link=here,
            layout=look.laid_out(),
            patterns=[PATTERNS["gather"]],
            defaults=Defaults(),
        )
        st.session_state["settings"] = knobs.settings()
        link.finish(here)

    return AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)


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


def test_a_pattern_of_a_newer_python_is_left_out_in_one_line_that_names_the_version(
    too_new: Pattern,
) -> None:
    found = requested("gather", too_new.name)
    assert [spec.pattern for spec in found.specs] == ["gather"]
    here = platform.python_version()
    assert found.refusals == (f"task_group needs Python 99.1 or newer; this is Python {here}",)


def test_the_slowest_run_decides_how_long_all_take() -> None:
    assert requested("gather", "sequential").slowest_ideal_s == 1.0
    assert RunRequest(specs=(), refusals=()).slowest_ideal_s == 0


@pytest.mark.parametrize("pattern", [*FIRST_RACE, *LESSONS])
@pytest.mark.parametrize("spread", Spread)
def test_what_a_page_asks_for_at_first_is_quick_enough_to_be_measured_by_itself(
    pattern: str, spread: Spread
) -> None:
    (spec,) = requested(pattern, spread=spread).specs
    assert schedule(spec).wall_ns / NS_PER_S <= AUTOMATIC_UP_TO_S


def test_the_first_race_and_the_lessons_are_among_the_basic_patterns() -> None:
    assert {*FIRST_RACE, *LESSONS} <= set(BASICS) <= set(PATTERNS)
