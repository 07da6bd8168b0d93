"""Lessons and pitfalls, by a link straight to each page, in both themes and on a phone."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from pages.components.contents import LESSONS
from tests.browser.app import App
from tests.browser.server import running_app

pytestmark = [pytest.mark.browser, pytest.mark.real]

FIRST_SIDES = {
    "blocking": "blocking_call",
    "lost_tasks": "never_awaited",
    "errors": "gather_error",
    "cancellation": "cancel_tasks",
    "loop_life": "asyncio_run",
    "too_many": "gather",
    "completion": "gather_results",
    "debugging": "blocking_call",
    "cpu": "blocking_loop",
    "real_io": "sequential",
    "executors": "blocking_loop",
}


@pytest.mark.parametrize(
    ("name", "first"), [*((name, name) for name in LESSONS), *FIRST_SIDES.items()]
)
def test_a_link_to_a_page_shows_it_measured(app: App, name: str, first: str) -> None:
    app.open(name)
    app.await_result()
    titles = app.titles()
    assert titles[0].startswith(f"<b>{first}</b> — ")
    assert not any("ideally" in title for title in titles)
    assert app.page.get_by_role("heading", level=1).is_visible()
    assert app.page.get_by_role("heading", name="What to notice").is_visible()
    assert app.page.get_by_role("link", name="Compare").is_visible()
    assert not app.page.locator("[data-testid=stException]").count()


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


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("gather", 390, "light"),
        ("gather", 390, "dark"),
        ("gather", 1440, "light"),
        ("gather", 1440, "dark"),
        ("errors", 390, "light"),
    ],
)
def test_nothing_is_wider_than_the_window(
    app: App, name: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    app.page.set_viewport_size({"width": width, "height": 900})
    app.page.emulate_media(color_scheme=scheme)
    app.open(name)
    app.await_result()
    for part in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        overflow = app.page.evaluate(f"() => {part}.scrollWidth - {part}.clientWidth")
        assert overflow <= 0
