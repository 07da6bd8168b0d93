"""The app as a whole: its pages are those in the folder, in its navigation, tested and written."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.patterns import PATTERNS
from pages.components.language import TURN
from pages.components.navigation import (
    COORDINATION,
    FINER,
    LESSONS,
    PITFALLS,
    READING,
    REAL_WORK,
    SWEEPS,
    titles_of_others,
)
from tests.kit.screen import PAGES, ROOT, SCRIPT_LIMIT_S

WITHOUT_RUNS = ("open_file", "own_code", "status", *READING)
"""Pages that measure nothing by themselves: the status is shown to the operator only."""
FILES = sorted(path.stem for path in PAGES.glob("*.py") if path.stem not in WITHOUT_RUNS)
OTHERS = (*PITFALLS, *COORDINATION, *FINER, *REAL_WORK, *SWEEPS)
TEXTS = PAGES / "text" / "en"


def app() -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=SCRIPT_LIMIT_S)
    at.session_state["compare automatic"] = False
    return at


def test_the_navigation_has_every_page_in_the_folder_and_no_other() -> None:
    assert sorted(["compare", *LESSONS, *OTHERS]) == FILES


def test_every_page_that_is_not_named_after_a_pattern_has_a_title_of_its_own() -> None:
    titles = titles_of_others()
    assert tuple(titles) == (*READING, *OTHERS)
    assert len(set(titles.values())) == len(titles)


def test_the_app_opens_with_the_comparison() -> None:
    at = app().run()
    assert [error.value for error in at.exception] == []
    assert [title.value for title in at.title] == [
        "What was each task doing, when, and why did it wait?"
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_page_is_reached_through_the_app(name: str) -> None:
    at = app()
    at.session_state[f"{name} automatic"] = False
    at.run()
    at.switch_page(f"pages/{name}.py").run()
    assert [error.value for error in at.exception] == []
    assert at.button(key=f"{name} run").label == "Run"
    assert len(at.get("plotly_chart")) == 1


@pytest.mark.parametrize("name", [*FILES, *WITHOUT_RUNS])
def test_every_page_has_a_test_file(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_is_on_a_pattern(name: str) -> None:
    assert name in PATTERNS


@pytest.mark.parametrize("name", [*LESSONS, *OTHERS])
def test_every_page_but_the_first_has_a_text_in_two_parts(name: str) -> None:
    before, turn, after = (TEXTS / f"{name}.md").read_text(encoding="utf-8").partition(TURN)
    assert before.strip()
    assert turn
    assert after.strip()


def test_every_text_belongs_to_a_page() -> None:
    assert sorted(path.stem for path in TEXTS.glob("*.md")) == sorted([*READING, *LESSONS, *OTHERS])
