"""Lessons, pitfalls and real work, one page after another, in both themes and on a phone."""

from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Browser

from pages.components.language import lesson_text
from pages.components.navigation import (
    COORDINATION,
    FINER,
    LESSONS,
    PITFALLS,
    REAL_WORK,
    titles_of_others,
)
from tests.kit.app import App
from tests.kit.chromium import running_app

pytestmark = [pytest.mark.browser, pytest.mark.real]

WIDTHS = 390, 1440
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CHART_BEGINS = {(1_366, 768): 420, (390, 844): 844, (1_280, 720): 420}
"""By the size of a window, how far below its upper edge the first plot begins at most."""

QUESTION = "What was each task doing, when, and why did it wait?"
FIRST_SIDES = {
    "compare": "sequential",
    "blocking": "blocking_call",
    "lost_tasks": "never_awaited",
    "errors": "gather_error",
    "cancellation": "cancel_tasks",
    "loop_life": "asyncio_run",
    "too_many": "gather",
    "completion": "gather_results",
    "debugging": "blocking_call",
    "races": "lost_update",
    "deadlock": "deadlock",
    "starvation": "greedy",
    "backpressure": "unbounded_queue",
    "streams": "undrained",
    "events": "event",
    "shield": "shield",
    "eager_tasks": "ordinary_tasks",
    "threads_and_loop": "set_from_thread",
    "clean_end": "stop_at_once",
    "exception_groups": "first_error",
    "async_generators": "left_by_break",
    "context_variables": "set_after",
    "cpu": "blocking_loop",
    "real_io": "sequential",
    "executors": "blocking_loop",
    "rate_limits": "hammer",
    "full_pool": "full_pool",
    "child_processes": "blocking_child",
}


SECTIONS = {
    "Measure": ("compare",),
    "Lessons": LESSONS,
    "Pitfalls": PITFALLS,
    "Working together": COORDINATION,
    "Finer points": FINER,
    "Real work": REAL_WORK,
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_page_is_measured_by_a_link_to_it_or_from_the_page_before(
    app: App, section: str
) -> None:
    first, *others = SECTIONS[section]
    app.open("" if first == "compare" else first)
    assert_measured(app, first)
    for name in others:
        app.page.get_by_role("link", name=title_of(name), exact=True).click()
        assert_measured(app, name)


def title_of(name: str) -> str:
    """Return how the navigation calls a page."""
    return name if name in LESSONS else titles_of_others()[name]


def assert_measured(app: App, name: str) -> None:
    heading = QUESTION if name == "compare" else lesson_text(name).title.replace("`", "")
    app.page.get_by_role("heading", level=1, name=heading).wait_for()
    app.page.wait_for_selector("[data-test-script-state=notRunning]")
    side = FIRST_SIDES.get(name, name)
    measured = f"note => note.text.startsWith('<b>{side}</b> — <b>')"
    app.await_chart(f"chart.layout.annotations?.some({measured})")
    app.await_result()
    titles = [title for title in app.titles() if title.startswith("<b>") and " — " in title]
    assert titles[0].startswith(f"<b>{side}</b> — ")
    assert not any("ideally" in title for title in titles)
    assert name == "compare" or app.page.get_by_role("heading", name="What to notice").is_visible()
    assert app.page.get_by_role("link", name="Compare").is_visible()
    assert not app.page.locator("[data-testid=stException]").count()
    for size, most in CHART_BEGINS.items():
        assert chart_begins(app, size) <= most, f"{name} at {size}"


def chart_begins(app: App, size: tuple[int, int]) -> float:
    """Return how far below the upper edge of a window of a size the first plot begins."""
    app.resize(*size)
    return app.chart_box()[0]


def test_the_very_first_visitor_of_a_server_may_come_by_a_link_to_a_page(browser: Browser) -> None:
    with running_app() as server, browser.new_page(locale="en-US") as page:
        page.set_viewport_size({"width": 1440, "height": 900})
        app = App(server.address, page)
        app.open("gather")
        sidebar = page.get_by_test_id("stSidebar")
        for heading in ("Lessons", "Pitfalls"):
            sidebar.get_by_text(heading, exact=True).wait_for()
        assert sidebar.get_by_role("link", name="Compare").is_visible()
        assert not sidebar.get_by_role("link", name="app", exact=True).count()
        app.await_result()
        assert "gather" in app.titles()[0]
        main, block = (
            page.get_by_test_id(part).bounding_box() for part in ("stMain", "stMainBlockContainer")
        )
        assert main is not None
        assert block is not None
        assert block["width"] >= main["width"] * 0.95


@pytest.mark.parametrize("name", ["gather", "errors"])
def test_nothing_is_wider_than_the_window(app: App, name: str) -> None:
    app.open(name)
    app.await_result()
    for width, scheme in product(WIDTHS, SCHEMES):
        app.dress(scheme)
        app.resize(width, 900)
        for part in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
            overflow = app.page.evaluate(f"() => {part}.scrollWidth - {part}.clientWidth")
            assert overflow <= 0, f"{width} {scheme}"
