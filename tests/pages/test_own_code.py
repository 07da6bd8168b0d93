"""The page for one's own code: typed, shared, run where it may be, and never by a link alone."""

import time
from dataclasses import replace

import pytest

from core.measuring.forking import Spares
from core.own_code import run as run_module
from core.own_code.link_text import code_of, link_word
from core.own_code.run import OwnCodeRun
from core.services import Services
from core.spec.limits import LIMITS
from pages.components.own_code import TEMPLATE, excerpt
from pages.components.session_runs import OWN_CODE, SessionRuns
from tests.kit.screen import Screen, blank, opened

SWITCH = "LOOPSCOPE_OWN_CODE"
HELLO = "import asyncio\nprint('hello')\nasyncio.run(asyncio.sleep(0.01))\n"
SLEEPS = "import asyncio\nprint('began')\nasyncio.run(asyncio.sleep(600))\n"
BY_LINK = "This code came by a link. Read it, then press Run: a link runs nothing."
PRESS = "Press Run: each task becomes a row, with what it did, when, and why it waited."


@pytest.fixture(autouse=True)
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")


def with_code(code: str) -> Screen:
    """Return the page after somebody has typed some code."""
    screen = opened(OWN_CODE)
    screen.at.text_area[0].set_value(code)
    return screen.run()


def by_link(word: str, **more: str) -> Screen:
    screen = blank(OWN_CODE)
    screen.at.query_params["code"] = word
    for name, text in more.items():
        screen.at.query_params[name] = text
    return screen.run()


@pytest.fixture
def never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that runs code."""

    def refuse(*args: object, **named: object) -> None:
        pytest.fail("code was run")

    monkeypatch.setattr(OwnCodeRun, "__init__", refuse)


@pytest.mark.usefixtures("never_run")
def test_it_opens_with_a_template_and_runs_nothing_by_itself() -> None:
    screen = opened(OWN_CODE)
    assert screen.texts("title") == ["Your own code"]
    assert screen.at.text_area[0].value == TEMPLATE
    assert screen.texts("info") == [PRESS]
    assert "code" not in screen.at.query_params
    assert not screen.at.button(key="own_code run").disabled
    assert not screen.is_running


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("run", ["0", "1"])
def test_a_link_brings_its_code_and_runs_nothing(run: str) -> None:
    word = link_word(HELLO)
    assert word is not None
    screen = by_link(word, run=run)
    assert screen.at.text_area[0].value == HELLO
    assert screen.texts("info") == [BY_LINK, PRESS]
    screen.run().run()
    assert screen.at.text_area[0].value == HELLO


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("word", ["", "x", "!" * 50, "A" * 10_000, "eNpjYA"])
def test_a_link_with_damaged_code_says_so_and_shows_the_template(word: str) -> None:
    screen = by_link(word)
    assert screen.at.text_area[0].value == TEMPLATE
    (warning,) = screen.texts("warning")
    assert "damaged" in warning


def test_the_link_follows_what_is_typed_as_long_as_it_can() -> None:
    screen = with_code(HELLO)
    word = screen.at.query_params["code"]
    assert code_of(word if isinstance(word, str) else word[-1]) == HELLO
    noise = "".join(f"{number * number * 7919:x}\n" for number in range(3_000))
    screen.at.text_area[0].set_value(noise)
    screen.run()
    assert "code" not in screen.at.query_params
    assert any("not in the link" in text for text in screen.texts("caption"))
    assert screen.at.text_area[0].value == noise


def test_the_dialog_of_the_link_offers_no_run_at_once() -> None:
    screen = with_code(HELLO).press("link")
    assert [code for code in screen.texts("code") if "code=" in code]
    assert [each.key for each in screen.at.toggle] == []


@pytest.mark.real
def test_a_press_of_run_shows_each_task_and_what_was_printed() -> None:
    screen = with_code(TEMPLATE).press("run").when_ended().unfold()
    assert screen.texts("error") == screen.texts("info") == []
    (labels, *_strips) = screen.labels
    assert labels == ["main (Task-1)", *(f"\u2003job {number}" for number in range(1, 5))]
    assert screen.titles[0].startswith("main.py — ")
    transcript = "\n".join(screen.texts("code"))
    assert "job 4 is done" in transcript
    assert screen.metrics["peak in flight"] == "5"
    assert not {"ideal", "overhead"} & set(screen.metrics)


@pytest.mark.real
def test_an_error_stands_above_the_chart_with_its_line() -> None:
    screen = with_code(HELLO + "raise ValueError('<b>oh</b>')\n").press("run").when_ended()
    assert screen.texts("error") == ["Line 4: ValueError: <b>oh</b>"]
    assert "→   4  raise ValueError" in screen.texts("code")[0]
    assert len(screen.at.get("plotly_chart")) == 1


@pytest.mark.real
def test_code_without_a_task_says_so_and_shows_what_it_printed() -> None:
    screen = with_code("print('nothing else')\n").press("run").when_ended().unfold("transcript")
    assert screen.texts("info") == ["The code made no task, so there is nothing to draw."]
    assert "nothing else" in screen.texts("code")[0]
    assert screen.at.get("plotly_chart") == []


@pytest.mark.real
def test_a_run_shows_what_it_prints_until_it_is_stopped() -> None:
    screen = with_code(SLEEPS).press("run")
    until_s = time.monotonic() + 30
    while "began" not in "".join(screen.texts("code")) and time.monotonic() < until_s:
        screen.run()
    assert "began" in "".join(screen.texts("code"))
    assert any("has been running for" in text for text in screen.texts("info"))
    screen.press("stop").when_ended()
    assert screen.texts("error") == ["the run was stopped"]


@pytest.mark.real
def test_a_time_limit_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "LIMITS", replace(LIMITS, ideal_wall_s=1.0))
    screen = with_code("while True:\n    pass\n").press("run").when_ended()
    assert screen.texts("error") == ["the run was ended after 1.0 s, its time limit"]


@pytest.mark.real
def test_what_was_typed_since_a_run_is_told() -> None:
    screen = with_code(HELLO).press("run").when_ended()
    screen.at.text_area[0].set_value(HELLO + "# more\n")
    assert "The code has changed since this run." in screen.run().texts("caption")


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("switch", ["", "0"])
def test_where_it_is_off_the_page_says_why_in_one_line_and_has_no_editor(
    switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, switch)
    screen = by_link(link_word(HELLO) or "", run="1")
    assert len(screen.texts("info")) == 1
    assert len(screen.at.text_area) == 0
    assert [button.key for button in screen.at.button if "run" in str(button.key)] == []


@pytest.mark.usefixtures("never_run")
def test_a_press_that_comes_where_it_is_off_is_refused_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = with_code(HELLO)
    monkeypatch.setattr("pages.components.own_code_gate.refusal", lambda visit: None)
    monkeypatch.setattr("pages.components.session_runs.own_code_gate.check", _refuse)
    screen.press("run")
    assert screen.texts("error") == ["it is off"]


def _refuse() -> None:
    from core.own_code.errors import OwnCodeOff

    raise OwnCodeOff("it is off")


def test_a_lesson_opens_its_program_in_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = opened("gather", by_itself=False)
    (button,) = [each for each in screen.at.button if each.label == "Open in the editor"]
    assert button.key == "open program 0"
    monkeypatch.setenv(SWITCH, "0")
    screen.run()
    assert [each for each in screen.at.button if each.label == "Open in the editor"] == []


def test_a_line_stands_among_its_neighbours() -> None:
    assert excerpt("a\nb\nc\nd", 1) == "→   1  a\n    2  b\n    3  c"
    assert excerpt("a\nb\nc\nd", 4) == "    2  b\n    3  c\n→   4  d"


@pytest.mark.real
def test_the_end_of_a_session_is_the_end_of_its_code() -> None:
    runs = SessionRuns(Spares(0), Services())
    run = runs.run_code(SLEEPS)
    runs.close()
    assert run.ended.wait(30)
    assert run.outcome == "RunStopped"


@pytest.mark.real
def test_of_two_runs_of_a_session_the_second_ends_the_first() -> None:
    runs = SessionRuns(Spares(0), Services())
    first, second = runs.run_code(SLEEPS), runs.run_code(HELLO)
    assert first.ended.wait(30)
    assert second.ended.wait(30)
    assert (first.outcome, second.outcome) == ("RunStopped", "ok")
    assert runs.own_code is second
