"""The style of pages: what it must know of what is drawn."""

from contextvars import copy_context
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.analysis.span_classes import end_marks, span_classes
from core.charts.layout import spare_lines
from core.text.language import _, speak
from core.text.legible import legible
from pages.components.language import lesson_text
from pages.components.look import PageLayout, escaped, escaped_but_code, unbroken
from tests.kit.screen import ROOT, SCRIPT_LIMIT_S, WORDS, Screen, blank, unescaped

CODE = "Code of each pattern, as it ran"
STYLE = (ROOT / "pages" / "components" / "assets" / "look.css").read_text(encoding="utf-8")


def most_spare_lines(language: str) -> int:
    speak(language)
    names = [_("ideal"), _("your guess")]
    names += [look.name for look in span_classes().values()]
    names += [mark.name for mark in end_marks().values()]
    return spare_lines(names)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_room_of_every_legend_is_taken_back_on_a_laptop(language: str) -> None:
    most = copy_context().run(most_spare_lines, language)
    assert most > 0
    assert all(f'"-spare-lines-{lines}"' in STYLE for lines in range(1, most + 1))


def projected(page: str) -> Screen:
    screen = blank(page, by_itself=False)
    screen.at.query_params["projector"] = "on"
    return screen.run()


def test_a_projected_page_has_its_title_its_controls_and_its_chart_alone() -> None:
    screen = projected("gather")
    assert screen.texts("title") == [lesson_text("gather").title]
    assert screen.folds == [WORDS]
    assert screen.texts("code") == []
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Sleep"}
    assert screen.figure["layout"]["annotations"][0]["font"]["size"] > 18


def test_a_projected_run_says_its_sentence_and_no_more() -> None:
    screen = projected("gather").press("run").when_ended()
    assert screen.texts("markdown")[1:] == [f"**{escaped(str(screen.sentence))}**"]
    assert screen.folds == [WORDS]
    assert screen.metrics == {}


def test_one_key_projects_a_page_and_shows_it_as_usual_again() -> None:
    screen = projected("compare").press("projector")
    assert "projector" not in dict(screen.at.query_params)
    assert CODE in screen.folds
    screen.press("projector")
    assert dict(screen.at.query_params)["projector"] == "on"
    assert CODE not in screen.folds


IN_MENU = {"switches", "menu", "chart"}
PLACES = {*(each.name for each in fields(PageLayout)), "failure", "wide"}


def labels(at: AppTest, kind: str) -> set[str]:
    """Return the labels of the buttons inside of all blocks of a kind."""
    found: set[str] = set()

    def walk(block: object, *, inside: bool) -> None:
        for child in getattr(block, "children", {}).values():
            within = inside or getattr(child, "type", "") == kind
            if within and getattr(child, "type", "") == "button":
                found.add(child.label)
            walk(child, inside=within)

    walk(at.main, inside=False)
    return found


@pytest.mark.parametrize(
    ("projected", "in_menu"), [(False, IN_MENU), (True, IN_MENU | {"choices", "wide"})]
)
def test_what_is_rarely_used_is_in_one_menu_and_so_are_rows_of_buttons_in_a_hall(
    *, projected: bool, in_menu: set[str]
) -> None:
    def page() -> None:
        import streamlit as st

        from pages.components import look

        places = look.laid_out()
        for name in st.session_state["places"]:
            getattr(places, name).button(name)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    at.session_state["places"] = sorted(PLACES)
    if projected:
        at.query_params["projector"] = "on"
    at.run()
    assert {button.label for button in at.button} == PLACES
    assert labels(at, "expander") == in_menu


def page() -> None:
    import streamlit as st

    from pages.components import look

    look.lazy_expander("Expander", lambda: st.text("expander"), key="expander")
    look.lazy_expander("Open", lambda: st.text("open"), key="open", unfolded=True)


@pytest.mark.parametrize("unfolded", [[], ["expander"]])
def test_what_is_folded_is_made_once_it_is_unfolded(unfolded: list[str]) -> None:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    for key in unfolded:
        at.session_state[key] = True
    at.run()
    assert {text.value for text in at.text} == {"open", *unfolded}


def test_what_is_unfolded_at_first_can_be_folded() -> None:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S).run()
    at.session_state["open"] = False
    at.run()
    assert len(at.text) == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold**", r"\*\*bold\*\*"),
        ("wait_for", r"wait\_for"),
        ("<b onclick='x'>", r"\<b onclick\=\'x\'\>"),
        (":material/home:", r"\:material\/home\:"),
        (":red[alarm]", r"\:red\[alarm\]"),
        ("$x^2$", r"\$x\^2\$"),
        ("[text](address)", r"\[text\]\(address\)"),
        ("`code` ~~gone~~", r"\`code\` \~\~gone\~\~"),
        ("# title | cell", r"\# title \| cell"),
        ("1. one", r"1\. one"),
        ("a\\b", r"a\\b"),
        ("&amp; !{}", r"\&amp\; \!\{\}"),
        ("\x1b[2J\u202e", r"\\x1b\[2J\\u202e"),
        ("http://a.b", r"http\::small[]\/\/a\.b"),
        ("WWW.a.b a@b.c", r"WWW:small[]\.a\.b a\@:small[]b\.c"),
        ("a -> b --all :streamlit:", r"a \-:small[]\> b \-:small[]\-all \::small[]streamlit\:"),
        ("plain words — and 201 ms, ünïcödé", r"plain words — and 201 ms\, ünïcödé"),
        ("", ""),
    ],
)
def test_every_mark_that_could_mean_something_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_several_lines_become_one() -> None:
    assert escaped("one\n\n- two") == r"one  \- two"


@given(st.text())
def test_without_its_escapes_a_text_is_what_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == legible(text.replace("\n", " "))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`time.sleep(0.3)` held the loop.", r"`time.sleep(0.3)` held the loop\."),
        ("`a` and `**b** $c$ :red[d]`", "`a` and `**b** $c$ :red[d]`"),
        ("`a\nb`", r"`a\nb`"),
        ("one ` alone*", r"one \` alone\*"),
        ("`` empty", r"\`\` empty"),
        ("three ``` of `a`", r"three \`\`` of `a\`"),
    ],
)
def test_what_stands_between_backticks_is_code(text: str, shown: str) -> None:
    assert escaped_but_code(text) == shown


def test_a_number_and_its_unit_stay_in_one_line() -> None:
    assert unbroken("5 jobs took 1.00 s (20 MB), 200 ms입니다") == (
        "5 jobs took 1.00\u00a0s (20\u00a0MB), 200\u00a0ms입니다"
    )
    assert unbroken("5 sleeping jobs") == "5 sleeping jobs"
