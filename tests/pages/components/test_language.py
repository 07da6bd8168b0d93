"""Which language a page speaks, and how a visitor changes it."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.text.language import LANGUAGES, SOURCE_LANGUAGE, speak
from pages.components.language import REFUSED, lesson_text
from pages.components.navigation import LESSONS
from tests.kit.screen import ROOT, SCRIPT_LIMIT_S, blank

NONSENSE = ["", "xx", "xx-YY", "KO", "..", "../..", "/", "a\0b", "ko\n", "<script>", "k" * 5_000]


def page() -> None:
    import streamlit as st

    from core.text.language import _
    from pages.components import language

    language.choose()
    st.write(_("the run was stopped"))


def visited(locale: str | None = None, in_url: str | None = None) -> AppTest:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    at.context = {"locale": locale} if locale else {}
    if in_url is not None:
        at.query_params["lang"] = in_url
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert [error.value for error in at.exception] == []
    return at


def switch(at: AppTest) -> object:
    return at.segmented_control(key="language").value


def press(at: AppTest, language: str) -> None:
    at.segmented_control(key="language").set_value(language)
    run(at)


def in_url(at: AppTest, name: str) -> list[str]:
    """Return the values of a parameter, which the test runner keeps as one or as several."""
    values = at.query_params.get(name, [])
    return [values] if isinstance(values, str) else list(values)


def said(at: AppTest) -> str:
    text: str = at.markdown[0].value
    return text


@pytest.mark.parametrize("locale", [None, "en", "en-GB", *NONSENSE])
def test_a_browser_without_texts_in_its_language_gets_english(locale: str | None) -> None:
    at = visited(locale)
    assert switch(at) == "en"
    assert said(at) == "the run was stopped"


@pytest.mark.parametrize("locale", ["ko", "ko-KR"])
def test_a_korean_browser_gets_korean_and_a_url_without_a_word_of_it(locale: str) -> None:
    at = visited(locale)
    assert switch(at) == "ko"
    assert said(at) == "실행을 중지했습니다"
    assert "lang" not in at.query_params


def test_the_url_comes_before_the_browser() -> None:
    assert said(visited("en-US", in_url="ko")) == "실행을 중지했습니다"
    assert said(visited("ko-KR", in_url="en")) == "the run was stopped"


@pytest.mark.parametrize("given", NONSENSE)
def test_a_url_that_names_no_language_falls_back_to_the_browser_and_is_mended(given: str) -> None:
    at = visited("ko-KR", in_url=given)
    assert switch(at) == "ko"
    assert "lang" not in at.query_params
    assert at.session_state[REFUSED] == given


def test_what_a_visitor_chooses_goes_into_the_url_beside_what_else_stands_there() -> None:
    at = visited("en-US")
    at.query_params["window"] = "0-10"
    press(at, "ko")
    assert said(at) == "실행을 중지했습니다"
    assert in_url(at, "lang") == ["ko"]
    assert in_url(at, "window") == ["0-10"]
    press(at, "en")
    assert said(at) == "the run was stopped"
    assert in_url(at, "lang") == ["en"]


def test_a_choice_survives_a_page_change_that_empties_the_url() -> None:
    at = visited("en-US", in_url="ko")
    del at.query_params["lang"]
    assert said(run(at)) == "실행을 중지했습니다"
    assert in_url(at, "lang") == ["ko"]


def test_a_chosen_language_is_left_by_the_browsers_back_button() -> None:
    at = visited("en-US", in_url="ko")
    at.query_params["lang"] = "en"
    assert said(run(at)) == "the run was stopped"
    assert switch(at) == "en"


def test_what_streamlit_calls_again_by_itself_keeps_the_language() -> None:
    """Fragments and dialogs run in new threads; each must ask for the language anew."""
    calls = re.compile(r"st\.(fragment|dialog)\(")
    for path in sorted((ROOT / "pages").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert text.count("language.kept") >= len(calls.findall(text)), path


def test_a_function_that_is_kept_speaks_in_a_context_that_speaks_nothing() -> None:
    def page() -> None:
        from contextvars import Context

        import streamlit as st

        from core.text.language import _
        from pages.components import language

        st.write(Context().run(language.kept(lambda: _("the run was stopped"))))

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    at.query_params["lang"] = "ko"
    assert said(run(at)) == "실행을 중지했습니다"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_split_at_its_rule(name: str, language: str) -> None:
    speak(language)
    try:
        text = lesson_text(name)
    finally:
        speak(SOURCE_LANGUAGE)
    assert text.before.startswith("# ")
    assert text.after.lstrip().startswith("## ")
    assert "---" not in text.before + text.after


@pytest.mark.parametrize(
    ("locale", "heading"),
    [("xx-YY", "`gather`: all at once"), ("ko-KR", "`gather`: 모두 한꺼번에")],
)
def test_a_lesson_is_told_in_the_browsers_language(locale: str, heading: str) -> None:
    screen = blank("gather", by_itself=False)
    screen.at.context = {"locale": locale}
    screen.run()
    assert screen.texts("title") == [heading]
