from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.words import CATALOGUES
from pages.components.contents import LESSONS
from pages.components.language import SOURCE_LANGUAGE, lesson_text
from tests.pages.screen import SCRIPT_LIMIT_S, blank


def chosen(locale: str | None) -> str:
    """Return the language that a page speaks to a browser."""

    def page() -> None:
        import streamlit as st

        from pages.components import language

        st.write(language.choose())

    return shown(page, locale)


def shown(page: Callable[[], None], locale: str | None) -> str:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    at.context = {"locale": locale} if locale else {}
    at.run()
    assert [error.value for error in at.exception] == []
    text: str = at.markdown[0].value
    return text


@pytest.mark.parametrize("locale", [None, "en", "en-GB", "xx", "xx-YY", "..", "../..", "/", "a\0b"])
def test_a_browser_without_texts_in_its_language_gets_english(locale: str | None) -> None:
    assert chosen(locale) == SOURCE_LANGUAGE


@pytest.mark.parametrize("language", sorted(path.name for path in CATALOGUES.glob("??")))
def test_a_browser_in_any_country_gets_the_language_that_there_is(language: str) -> None:
    assert chosen(language) == chosen(f"{language}-ZZ") == language


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_split_at_its_rule(name: str) -> None:
    text = lesson_text(name)
    assert text.before.startswith("# ")
    assert text.after.lstrip().startswith("## ")
    assert "---" not in text.before + text.after


def test_a_lesson_falls_back_to_english_for_an_unknown_locale() -> None:
    screen = blank("gather", by_itself=False)
    screen.at.context = {"locale": "xx-YY"}
    screen.run()
    assert screen.texts("markdown")[0].startswith("# `gather`: all at once")
