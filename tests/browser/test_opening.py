"""A page just opened: its browser says when it is painted, and only then is it measured."""

import pytest
from playwright.sync_api import expect

from tests.kit.app import App
from tests.kit.chromium import Server

pytestmark = [pytest.mark.browser, pytest.mark.real]

HOLD_IDLENESS = "window.requestIdleCallback = (then) => { window.nowIdle = then; }"
WITHOUT_IDLENESS = "delete window.requestIdleCallback"
HIDDEN = """
Object.defineProperty(document, 'hidden', { get: () => true });
window.requestAnimationFrame = () => 0;
"""
AT_REST = "Measuring begins when the page is at rest."
OUTLINE = "ideal"


def test_a_page_is_measured_once_its_browser_has_painted_it(app: App, server: Server) -> None:
    app.page.add_init_script(HOLD_IDLENESS)
    app.open("?tasks=3&sleep=100ms")
    app.page.wait_for_function("() => window.nowIdle")
    expect(app.page.get_by_text(AT_REST)).to_be_visible()
    assert {bar.name for bar in app.bars()} == {OUTLINE}
    assert server.measuring_children() == set()
    app.page.evaluate("() => window.nowIdle()")
    app.await_result()
    expect(app.page.get_by_text(AT_REST)).to_have_count(0)
    assert {bar.name for bar in app.bars()} > {OUTLINE}


@pytest.mark.parametrize("path", ["", "gather", "executors?projector=on&tasks=5&sleep=10ms"])
def test_each_page_finds_out_by_itself_that_it_is_painted(app: App, path: str) -> None:
    app.open(path)
    app.await_result()


def test_a_hidden_tab_is_ready_without_a_frame(app: App) -> None:
    app.page.add_init_script(HIDDEN + HOLD_IDLENESS)
    app.open("gather?tasks=3&sleep=10ms")
    app.page.wait_for_function("() => window.nowIdle")
    app.page.evaluate("() => window.nowIdle()")
    app.await_result()


def test_a_browser_without_idle_callbacks_is_measured_too(app: App) -> None:
    app.page.add_init_script(WITHOUT_IDLENESS)
    app.open("gather?tasks=3&sleep=10ms")
    app.await_result()
