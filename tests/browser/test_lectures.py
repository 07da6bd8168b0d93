"""A lecture at the keyboard: turning pages, guessing, racing and projecting without a mouse."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import App

pytestmark = pytest.mark.browser

TOO_SMALL = """
() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    if (text && box.width && box.height && parseFloat(getComputedStyle(element).fontSize) < 18) {
      found.push(text);
    }
  }
  return found;
}
"""
CURTAINS = ".loopscope-curtain"


def test_a_lecture_needs_no_mouse(app: App) -> None:
    app.open("gather?automatic=off&sleep=50ms")
    keyboard = app.page.keyboard
    keyboard.press("Control+Enter")
    app.await_result()
    keyboard.press("m")
    expect(app.page).to_have_url(re.compile("tasks=10"))
    keyboard.press("p")
    expect(app.page.get_by_text("What to notice")).to_have_count(0)
    expect(app.page).to_have_url(re.compile("projector=on"))
    keyboard.press("n")
    expect(app.page.get_by_role("button", name="← gather")).to_be_visible()
    expect(app.page).to_have_url(re.compile(r"/gather_results\?.*projector=on"))
    keyboard.press("b")
    expect(app.page).to_have_url(re.compile(r"/gather\?.*projector=on"))


def test_nothing_on_a_projected_page_is_too_small_for_the_back_row(app: App) -> None:
    app.page.set_viewport_size({"width": 1280, "height": 720})
    app.open("errors?projector=on")
    expect(app.page.get_by_role("button", name="Stop")).to_be_disabled()
    app.page.get_by_text(re.compile(r"^Replay")).first.wait_for()
    assert app.page.evaluate(TOO_SMALL) == []


def test_a_replay_uncovers_the_chart_and_announces_who_is_home(app: App) -> None:
    app.open("?tasks=3&sleep=100ms")
    app.await_result()
    app.page.keyboard.press("a")
    app.page.locator(CURTAINS).first.wait_for(state="attached")
    expect(app.page.get_by_role("listitem").filter(has_text="gather: ")).to_be_visible()
    expect(app.page.locator(CURTAINS)).to_have_count(0, timeout=10_000)
    assert app.page.get_by_role("listitem").filter(has_text="sequential: ").count() == 1


def test_who_wants_no_motion_gets_the_result_at_once(app: App) -> None:
    app.page.emulate_media(reduced_motion="reduce")
    app.open("?tasks=3&sleep=100ms")
    app.await_result()
    app.page.keyboard.press("a")
    expect(app.page.get_by_role("listitem").filter(has_text="sequential: ")).to_be_visible()
    assert app.page.locator(CURTAINS).count() == 0


def test_a_guess_comes_before_the_bars(app: App) -> None:
    app.page.goto(f"{app.address}/gather?guess=on&tasks=3&sleep=50ms")
    app.page.get_by_text("The chart appears once you have guessed.").wait_for()
    assert app.page.locator(".js-plotly-plot").count() == 0
    app.page.get_by_text("150 ms: one after another").click()
    app.page.get_by_text("the first job first").click()
    app.await_result()
    expect(app.page.get_by_text(re.compile("You said 150 ms"))).to_be_visible()


def test_back_brings_the_settings_back(app: App) -> None:
    app.open("gather?automatic=off")
    app.page.keyboard.press("m")
    expect(app.page).to_have_url(re.compile("tasks=10"))
    app.page.go_back()
    expect(app.page.get_by_role("slider", name="Tasks")).to_have_attribute("aria-valuetext", "5")
