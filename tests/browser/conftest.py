"""A real server and a real Chromium, both of this test session's own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.kit.app import App
from tests.kit.chromium import Server, keep_warm, running_app, running_browser
from tests.kit.needs import need_chromium


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser's path."""
    return need_chromium()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with running_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_app() as server:
        yield server


@pytest.fixture(scope="session")
def window(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """Return a window whose cache and process all tests share: what a page loads, it loads once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(30_000)
    keep_warm(context, server)
    yield context
    context.close()


@pytest.fixture
def app(server: Server, window: BrowserContext) -> Iterator[App]:
    """Return the app in a tab of its own, which is a session of its own to the server."""
    tab = window.new_page()
    yield App(server.address, tab)
    tab.close()
