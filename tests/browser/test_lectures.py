"""A lecture at the keyboard: turning pages, guessing, racing and projecting without a mouse."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from pages.components.navigation import READING, SWEEPS, titles
from tests.kit.app import App

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
SETTLE_MS = 200
HALL_PX = 720
"""How high a hall's screen is."""
CALM_RACE = "?tasks=3&sleep=1000ms"
"""So long that what else the machine does is too little of it to disturb it."""
CURTAINS = ".loopscope-curtain"
SO_FAR = ".loopscope-so-far"
SCROLLED_UP = "() => document.querySelector('[data-testid=stMain]').scrollTop === 0"


def press_at_rest(app: App, key: str) -> None:
    """Press a key as a person does, who waits for what the one before has done."""
    app.page.wait_for_selector("[data-test-script-state=notRunning]")
    app.page.wait_for_timeout(SETTLE_MS)
    app.page.keyboard.press(key)


def test_a_lecture_needs_no_mouse(app: App) -> None:
    app.open("gather?automatic=off&sleep=5000ms")
    keyboard = app.page.keyboard
    keyboard.press("Control+Enter")
    app.await_chart("chart.layout.annotations?.[0]?.text.includes('so far')")
    keyboard.press("s")
    app.page.get_by_text("the run was stopped").first.wait_for()
    app.page.get_by_role("slider", name="Sleep").focus()
    keyboard.press("Home")
    expect(app.page).to_have_url(re.compile("sleep=1ms"))
    for tasks in (10, 100, 1_000):
        press_at_rest(app, "m")
        expect(app.page).to_have_url(re.compile(rf"tasks={tasks}\b"))
    press_at_rest(app, "l")
    expect(app.page).to_have_url(re.compile(r"tasks=100\b"))
    press_at_rest(app, "Control+Enter")
    app.await_result()
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
    app.open_menu()
    app.page.get_by_text("Measure as I move").wait_for()
    assert app.page.evaluate(TOO_SMALL) == []


@pytest.mark.timeout(300)
def test_a_whole_lecture_fits_the_screen_of_a_hall_and_needs_no_mouse(app: App) -> None:
    app.page.set_viewport_size({"width": 1280, "height": HALL_PX})
    app.page.goto(f"{app.address}/start_here?projector=on")
    app.page.get_by_role("button", name="Compare →").wait_for(state="attached")
    for page, after in pairwise([*titles(), None]):
        app.page.get_by_role("heading", level=1).wait_for()
        if page not in READING:
            if page not in SWEEPS:
                app.await_result()
            assert_all_is_seen(app, str(page))
        if after is None:
            break
        press_at_rest(app, "n")
        path = "" if after == "compare" else after
        app.page.wait_for_url(re.compile(rf"/{path}\?.*projector=on"))
        back = app.page.get_by_role("button", name=f"← {titles()[str(page)]}")
        back.wait_for(state="attached")
    for key, scrolls in (("PageDown", True), ("Home", False), (" ", True), ("Home", False)):
        app.page.keyboard.press(key)
        app.page.wait_for_function(f"() => ({SCROLLED_UP})() !== {str(scrolls).lower()}")


def assert_all_is_seen(app: App, page: str) -> None:
    """Check that a hall sees title, controls, sentence and chart of a page, one below another."""
    app.page.wait_for_function(SCROLLED_UP)
    places = [app.page.locator(each).first for each in ("h1", ".st-key-bar", ".st-key-said")]
    boxes = [place.bounding_box() for place in places]
    ends = [0.0, *(box["y"] + box["height"] for box in boxes if box)]
    begins = [*(box["y"] for box in boxes if box), app.chart_box()[0]]
    assert len(begins) == len(ends) == 4, page
    assert all(end <= begin + 1 for end, begin in zip(ends, begins, strict=True)), page
    assert app.chart_box()[1] <= HALL_PX, page


def test_a_copied_link_with_its_code_brings_back_every_setting(app: App) -> None:
    app.open("?automatic=off&patterns=gather,threads&tasks=8&spread=falling&lanes=workers")
    app.rest()
    app.page.keyboard.press("k")
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_text("Measure at once").click()
    address = dialog.locator("code")
    expect(address).to_contain_text("run=1")
    dialog.get_by_text("The same link for a phone's camera").wait_for()
    copied = address.inner_text()
    app.page.goto(copied)
    app.await_result()
    assert [title.partition("</b>")[0] for title in app.titles()] == ["<b>gather", "<b>threads"]
    assert app.slider_text("Tasks") == "8"
    app.open_menu()
    for chosen in ("longest first", "rows: workers"):
        expect(app.page.get_by_role("radio", name=chosen)).to_be_checked()


def test_what_a_link_asks_for_in_vain_is_said(app: App) -> None:
    app.open("gather?tasks=many&projector=yes&lang=xx&automatic=off&sleep=%3Cscript%3E")
    notes = app.page.get_by_text("is not on offer here")
    expect(notes).to_have_count(4)


def test_a_replay_uncovers_the_chart_and_announces_who_is_home(app: App) -> None:
    app.open(CALM_RACE)
    app.await_result()
    gather, sequential = (
        app.page.get_by_role("listitem").filter(has_text=re.compile(rf"^{name}: [\d.]+ m?s$"))
        for name in ("gather", "sequential")
    )
    expect(sequential).to_be_visible()
    title = app.page.locator(".annotation text").filter(has_text="sequential").first
    expect(title).to_be_visible()
    app.page.keyboard.press("a")
    app.page.locator(CURTAINS).first.wait_for(state="attached")
    expect(sequential).to_have_count(0)
    so_far = app.page.locator(SO_FAR)
    expect(so_far.filter(has_text=re.compile(r"^sequential — [\d.]+ m?s so far$"))).to_be_visible()
    expect(title).to_be_hidden()
    expect(gather).to_be_visible()
    # The titles of the others give their times away when they are home, not before.
    expect(so_far.filter(has_text="gather")).to_have_count(0)
    expect(app.page.locator(CURTAINS)).to_have_count(0, timeout=10_000)
    expect(so_far).to_have_count(0)
    expect(title).to_be_visible()
    expect(sequential).to_be_visible()


def test_slow_motion_shows_each_race_once_by_itself(app: App) -> None:
    app.open("?tasks=3&sleep=20ms&slow=on")
    app.page.locator(CURTAINS).first.wait_for(state="attached")
    app.await_result()
    expect(app.page.locator(CURTAINS)).to_have_count(0, timeout=10_000)
    app.toggle("rows: workers")
    app.await_chart("chart._fullLayout.yaxis.ticktext?.[0] === 'loop'")
    app.rest()
    assert app.page.locator(CURTAINS).count() == 0
    app.run()
    app.page.locator(CURTAINS).first.wait_for(state="attached")


def test_who_wants_no_motion_gets_the_result_at_once(app: App) -> None:
    app.page.emulate_media(reduced_motion="reduce")
    app.open(CALM_RACE)
    app.await_result()
    app.page.keyboard.press("a")
    home = app.page.get_by_role("listitem").filter(has_text=re.compile(r"^sequential: [\d.]+ m?s$"))
    expect(home).to_be_visible()
    assert app.page.locator(CURTAINS).count() == 0
    expect(app.page.get_by_text("Your system asks for less motion")).to_be_visible()


def test_a_guess_comes_before_the_bars(app: App) -> None:
    app.open("gather?tasks=3&sleep=500ms")
    press_at_rest(app, "q")
    app.page.get_by_text("The chart appears once you have guessed.").wait_for()
    expect(app.page.get_by_role("button", name="Guess, then run")).to_be_disabled()
    assert app.page.locator(".js-plotly-plot").count() == 0
    app.page.get_by_text("1.50 s: one after another").click()
    app.page.get_by_text("the first job first").click()
    app.await_result()
    expect(app.page.get_by_text(re.compile("You said 1.50 s"))).to_be_visible()


def test_back_brings_the_settings_back(app: App) -> None:
    app.open("gather?automatic=off")
    app.page.keyboard.press("m")
    expect(app.page).to_have_url(re.compile("tasks=10"))
    app.page.go_back()
    expect(app.page.get_by_role("slider", name="Tasks")).to_have_attribute("aria-valuetext", "5")
