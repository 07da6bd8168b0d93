"""The guide: its steps in the tutorial's order, their code run, and links that cannot go astray."""

import contextlib
import io
import re
import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from core.text.language import LANGUAGES, SOURCE_LANGUAGE, speak
from pages.components import navigation
from pages.components.language import GuideStep, guide_steps, lesson_text
from tests.kit.screen import ROOT, SCRIPT_LIMIT_S
from tests.kit.virtual import VirtualClock, virtual_loops
from tests.test_tutorial import rows

TAKES = re.compile(r"asyncio\.run\(.*\)  # (\d+) s$", re.MULTILINE)
PRINTS = re.compile(r"print\(.*\)  # (.+)$", re.MULTILINE)
COLUMNS = 52
"""As wide as the code of patterns: what a phone has room for."""


def shown(language: str = SOURCE_LANGUAGE, **query: str) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=SCRIPT_LIMIT_S)
    at.session_state["compare automatic"] = False
    at.run()
    for name, value in {"lang": language, **query}.items():
        at.query_params[name] = value
    at.switch_page("pages/start_here.py").run()
    assert [error.value for error in at.exception] == []
    return at


def in_language(language: str) -> tuple[str, list[GuideStep]]:
    speak(language)
    try:
        return guide_steps(lesson_text("start_here"))
    finally:
        speak(SOURCE_LANGUAGE)


def titles_in(language: str) -> dict[str, str]:
    speak(language)
    try:
        return navigation.titles()
    finally:
        speak(SOURCE_LANGUAGE)


def links(at: AppTest) -> list[tuple[str, str]]:
    return [(link.proto.page, link.proto.label) for link in at.get("page_link")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_every_step_with_its_code_and_links_to_its_pages(language: str) -> None:
    at = shown(language)
    introduction, steps = in_language(language)
    assert [each.value for each in at.subheader] == [step.heading for step in steps]
    assert [each.value for each in at.markdown] == [introduction, *(step.words for step in steps)]
    assert [each.value for each in at.code] == [step.code for step in steps]
    titles = titles_in(language)
    assert links(at) == [(name, f"{titles[name]} →") for name, _label in links(at)]
    assert len(links(at)) >= len(steps) == 10


def test_a_projected_guide_has_headings_code_and_links_that_stay_projected() -> None:
    at = shown("ko", projector="on")
    _introduction, steps = in_language("ko")
    assert len(at.markdown) == 0
    assert [each.value for each in at.subheader] == [step.heading for step in steps]
    queries = {link.proto.query_string for link in at.get("page_link")}
    assert queries == {"lang=ko&projector=on"}


def test_a_renamed_page_has_its_new_name_in_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = navigation.titles_of_others()
    monkeypatch.setattr(navigation, "titles_of_others", lambda: titles | {"cpu": "Renamed"})
    assert ("cpu", "Renamed →") in links(shown())


def test_it_leads_to_every_lesson_of_the_tutorial_in_the_order_of_the_lessons() -> None:
    linked = [name for name, _label in links(shown())]
    assert set(linked) == {lesson.strip("`") for _point, lesson, *_words in rows()}
    assert len(linked) == len(set(linked))
    on_patterns = [name for name in linked if name in navigation.LESSONS]
    assert on_patterns == [name for name in navigation.LESSONS if name in linked]


def sleep_together(clock: VirtualClock, threads: int) -> "threading.Barrier":
    """Return what threads that sleep for 2 s wait at: time goes on once all of them sleep."""
    return threading.Barrier(threads, action=lambda: clock.move(2_000_000_000), timeout=10)


def test_the_code_takes_as_long_and_prints_what_its_comments_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = VirtualClock()
    asleep = sleep_together(clock, 5)
    monkeypatch.setattr(time, "sleep", lambda _s: asleep.wait())
    names: dict[str, object] = {}
    _introduction, steps = in_language(SOURCE_LANGUAGE)
    timed = 0
    for step in steps:
        code = compile(step.code, step.heading, "exec")
        if "aiohttp" in step.code:
            continue
        printed = io.StringIO()
        before_ns = clock.now_ns
        with virtual_loops(clock), contextlib.redirect_stdout(printed):
            exec(code, names)  # noqa: S102
        (takes_s,) = TAKES.findall(step.code)
        assert round((clock.now_ns - before_ns) / 1e9, 2) == int(takes_s), step.heading
        lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", each) for each in printed.getvalue().splitlines()]
        assert lines == (PRINTS.findall(step.code) or ["start", "end"] * ("time_log" in step.code))
        timed += 1
    assert timed == 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_step_is_short_and_its_code_fits_a_phone(language: str) -> None:
    for step in in_language(language)[1]:
        sentences = re.findall(r"\.(?:\s|$)", re.sub(r"`[^`]*`", "", step.words))
        assert 2 <= len(sentences) <= 4, step.heading
        assert max(map(len, step.code.splitlines())) <= COLUMNS, step.heading
