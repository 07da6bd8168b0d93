"""An open tab whose server is started again: its settings are there, and its next run works."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.kit.app import App
from tests.kit.chromium import running_app
from tests.kit.server import free_port

pytestmark = [pytest.mark.browser, pytest.mark.real]

CONNECTED = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
NOT_CONNECTED = "[data-testid=stApp]:not([data-test-connection-state=CONNECTED])"
PATIENCE_MS = 60_000


@pytest.mark.parametrize("path", ["", "gather"])
def test_an_open_tab_finds_its_settings_again_and_runs(window: BrowserContext, path: str) -> None:
    port = free_port()
    tab = window.new_page()
    with running_app(port=port) as server:
        app = App(server.address, tab)
        app.open(path)
        app.await_result()
        app.move_slider("Tasks", "ArrowLeft", times=2)
        expect(tab).to_have_url(re.compile("tasks=3"))
        app.toggle("rows: workers")
        app.await_result()
    tab.wait_for_selector(NOT_CONNECTED, state="attached", timeout=PATIENCE_MS)
    with running_app(port=port):
        tab.wait_for_selector(CONNECTED, state="attached", timeout=PATIENCE_MS)
        app.await_result()
        assert app.slider_text("Tasks") == "3"
        expect(tab.get_by_role("radio", name="rows: workers")).to_be_checked()
        app.run()
        app.rest()
        app.await_result()
        assert "tasks=3" in tab.url
        assert all("so far" not in title for title in app.titles())
        tab.close()
