"""What holds for every page that stands in the frame, whatever it shows."""

import pytest
from streamlit.testing.v1 import AppTest

from core.spec.program import program
from core.spec.run_spec import RunSpec
from pages.components.frame import STEPS, next_step
from pages.components.navigation import READING, THROUGH_APP, titles
from tests.kit.screen import SCRIPT_LIMIT_S, blank, opened


def shown(name: str, **query: str) -> AppTest:
    def page(name: str) -> None:
        import streamlit as st

        from pages.components.frame import framed, show_text, show_title

        with framed(name) as here:
            show_title("The title")
            show_text("To read")
            st.caption(here.page)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(name,))
    at.session_state[THROUGH_APP] = True
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert [error.value for error in at.exception] == []
    return at


@pytest.mark.parametrize("name", [name for name in titles() if name not in READING])
def test_a_page_of_a_lecture_ends_with_its_keys(name: str) -> None:
    keys = [button.key for button in shown(name).button]
    assert keys[-4:] == [f"{name} L", f"{name} M", f"{name} K", f"{name} projector"]


@pytest.mark.parametrize("name", READING)
def test_a_page_to_read_ends_with_the_keys_that_it_has_a_use_for(name: str) -> None:
    at = shown(name)
    keys = [str(button.key) for button in at.button]
    assert keys[-2:] == [f"{name} K", f"{name} projector"]
    assert {key.removeprefix(f"{name} ").split()[0] for key in keys[:-2]} == {"to"}
    assert [each.value for each in at.caption] == [name]


def test_the_menu_s_switches_have_keys_and_all_other_keys_are_said() -> None:
    screen = opened("gather", by_itself=False)
    keys = [str(button.key) for button in screen.at.button]
    assert keys[-4:] == ["gather Q", "gather W", "gather K", "gather projector"]
    assert not screen.at.toggle(key="gather guess").value
    assert screen.press("Q").at.toggle(key="gather guess").value
    assert not screen.press("Q").at.toggle(key="gather guess").value
    assert screen.press("W").at.toggle(key="gather slow").value
    (said,) = [text for text in screen.texts("caption") if "Ctrl+Enter" in text]
    assert all(key in said for key in ("S stops", "A replays", "G measures"))


def test_one_key_shows_the_link() -> None:
    screen = opened("gather", by_itself=False, tasks=3).press("K")
    assert [code for code in screen.texts("code") if "tasks=3" in code]


def test_a_page_beside_a_lecture_can_be_projected_and_has_no_other_key() -> None:
    assert [button.key for button in shown("open_file").button] == ["open_file projector"]


def test_a_page_shows_its_title_and_but_where_it_is_projected_its_text() -> None:
    usual, projected = shown("gather"), shown("gather", projector="on")
    assert [each.value for each in usual.title] == ["The title"]
    assert [each.value for each in projected.title] == ["The title"]
    assert [each.value for each in usual.markdown] == ["To read"]
    assert len(projected.markdown) == 0
    assert projected.caption[0].value == "gather"


def test_a_page_speaks_the_language_of_its_url() -> None:
    (projector,) = shown("open_file", lang="ko").button
    assert projector.label == "발표 모드"


def spec(pattern: str, workload: str | None = None) -> RunSpec:
    return RunSpec(pattern=pattern, tasks=1, sleep_s=0, workload=workload)


def folded(*specs: RunSpec) -> AppTest:
    def page(specs: "list[RunSpec]") -> None:
        from pages.components import frame

        frame.show_folded_code(specs)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(list(specs),))
    at.session_state["code"] = True
    at.run()
    assert [error.value for error in at.exception] == []
    return at


def test_each_run_has_a_tab_which_names_its_job_if_that_is_unusual() -> None:
    at = folded(spec("gather"), spec("timeout", "cleanup"))
    assert [tab.label for tab in at.tabs] == ["gather", "timeout · cleanup"]
    shown = [program(each).strip() for each in (spec("gather"), spec("timeout", "cleanup"))]
    assert [code.value for code in at.code] == shown


def test_without_runs_there_is_nothing_to_unfold() -> None:
    assert len(folded().expander) == 0


@pytest.mark.parametrize(
    ("now", "more", "fewer"),
    [(1, 5, 1), (5, 10, 5), (7, 10, 5), (10, 100, 5), (1_000, 1_000, 100), (10_000, 10_000, 1_000)],
)
def test_each_press_goes_one_step(now: int, more: int, fewer: int) -> None:
    assert next_step(now, STEPS) == more
    assert next_step(now, STEPS[::-1]) == fewer


def test_keys_move_the_number_of_tasks() -> None:
    screen = opened("gather", by_itself=False)
    assert screen.press("M").slid("tasks") == 10
    assert screen.press("M").slid("tasks") == 100
    assert screen.press("L").slid("tasks") == 10


def test_the_pages_follow_one_another() -> None:
    order = list(titles())
    assert order[:2] == ["start_here", "compare"]
    for before, page, after in zip(order, order[1:], order[2:], strict=False):
        if page == "gather":
            labels = [button.label for button in opened(page, by_itself=False).at.button]
            assert f"← {before}" in labels
            assert f"{after} →" in labels


def test_the_first_page_has_none_before_it() -> None:
    labels = [button.label for button in shown("start_here").button]
    assert not [label for label in labels if label.startswith("←")]
    assert "Compare →" in labels


def test_the_page_that_opens_leads_back_to_the_guide_and_on_to_the_lessons() -> None:
    labels = [button.label for button in opened("compare", by_itself=False).at.button]
    assert {"← Start here", "sequential →"} <= set(labels)


@pytest.mark.parametrize("patterns", ["", ","])
def test_without_a_slider_there_is_no_number_of_tasks_to_move(patterns: str) -> None:
    screen = blank("compare", by_itself=False)
    screen.at.query_params["patterns"] = patterns
    screen.run()
    assert screen.texts("error") == ["Choose at least one pattern."]
    assert screen.at.button(key="compare M").disabled
    assert screen.at.button(key="compare L").disabled
    screen.at.pills(key="compare patterns").set_value(["gather"])
    assert not screen.run().at.button(key="compare M").disabled
    assert screen.press("M").slid("tasks") == 10
