"""The app behind a real nginx: TLS ends there, and the app has a path of its own."""

import re
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core.processes import kill
from tests.browser.test_restart import CONNECTED, NOT_CONNECTED, PATIENCE_MS
from tests.kit.app import App
from tests.kit.hall import hall
from tests.kit.needs import need_nginx
from tests.kit.proxy import BASE_PATH, get, running_nginx, trusting
from tests.kit.server import running_app
from tests.kit.visitors import SHARED_BY

pytestmark = [pytest.mark.browser, pytest.mark.real]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    need_nginx()
    with (
        running_app([f"--server.baseUrlPath={BASE_PATH}"]) as server,
        running_nginx([server.address], folder) as address,
    ):
        yield address


def test_the_health_check_answers_through_the_proxy(address: str, folder: Path) -> None:
    assert get(f"{address}/_stcore/health", folder) == b"ok"


def test_what_the_server_counts_is_closed_to_the_outside(address: str, folder: Path) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        get(f"{address}/_stcore/metrics", folder)
    assert refusal.value.code == 404
    refusal.value.close()


def test_a_websocket_stays_open_through_the_proxy(address: str, folder: Path) -> None:
    stream = f"{address.replace('https', 'wss', 1)}/_stcore/stream"
    with connect(stream, ssl=trusting(folder), subprotocols=[Subprotocol("streamlit")]) as socket:
        assert socket.ping().wait(10)


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    """Return a window of somebody who has never been here, and trusts the certificate."""
    context = browser.new_context(ignore_https_errors=True, locale="en-US")
    context.set_default_timeout(30_000)
    yield context
    context.close()


def test_a_first_visit_is_compressed_on_its_way(address: str, window: BrowserContext) -> None:
    page = window.new_page()
    network = window.new_cdp_session(page)
    sent, shown = [], []
    network.on("Network.loadingFinished", lambda each: sent.append(each["encodedDataLength"]))
    network.on("Network.dataReceived", lambda each: shown.append(each["dataLength"]))
    network.send("Network.enable")
    App(address, page).open("gather")
    assert sum(shown) > 5_000_000
    assert sum(sent) < sum(shown) / 2


def test_a_page_is_drawn_and_measured_through_the_proxy(
    address: str, window: BrowserContext
) -> None:
    app = App(address, window.new_page())
    app.open("gather")
    app.await_result()
    assert app.titles()[0].startswith("<b>gather</b> — ")


def test_an_open_tab_whose_server_is_lost_goes_on_with_the_other(
    window: BrowserContext, tmp_path: Path
) -> None:
    need_nginx()
    with hall(tmp_path) as the_hall:
        tab = window.new_page()
        app = App(the_hall.address, tab)
        app.open("gather")
        app.await_result()
        app.move_slider("Tasks", "ArrowLeft", times=2)
        expect(tab).to_have_url(re.compile("tasks=3"))
        app.await_result()
        first = server_of(window)
        kill(the_hall.servers[first].pid)
        tab.wait_for_selector(NOT_CONNECTED, state="attached", timeout=PATIENCE_MS)
        tab.wait_for_selector(CONNECTED, state="attached", timeout=PATIENCE_MS)
        app.await_result()
        assert app.slider_text("Tasks") == "3"
        before = the_hall.measured(3 - first)
        app.run()
        app.rest()
        app.await_result()
        assert app.downloaded()["spec"]["tasks"] == 3
        assert len(the_hall.measured(3 - first)) > len(before)
        assert server_of(window) == 3 - first
        tab.close()


def server_of(window: BrowserContext) -> int:
    """Return the number in the proxy's cookie, which no script can read and no other site sends."""
    [cookie] = [each for each in window.cookies() if each.get("name") == SHARED_BY]
    kept = {name: cookie.get(name) for name in ("path", "httpOnly", "secure", "sameSite")}
    assert kept == {
        "path": f"/{BASE_PATH}/",
        "httpOnly": True,
        "secure": True,
        "sameSite": "Lax",
    }
    return int(cookie.get("value", ""))
