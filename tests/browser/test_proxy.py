"""The app behind a real nginx: TLS ends there, and the app has a path of its own."""

import os
import ssl
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from benchmarks.server import running_app
from tests.browser.app import App
from tests.hosting.proxy import BASE_PATH, get, nginx_path, running_nginx

pytestmark = [pytest.mark.browser, pytest.mark.real]


def need(found: str | None, message: str) -> str:
    """Return what a test needs; without it, skip on a laptop and fail in CI."""
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    need(nginx_path(), "no nginx on this machine (apt-get install nginx-light)")
    with (
        running_app([f"--server.baseUrlPath={BASE_PATH}"]) as server,
        running_nginx(server, folder) as address,
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
    trusting = ssl.create_default_context(cafile=folder / "loopscope.crt")
    stream = f"{address.replace('https', 'wss', 1)}/_stcore/stream"
    with connect(stream, ssl=trusting, subprotocols=[Subprotocol("streamlit")]) as socket:
        assert socket.ping().wait(10)


def test_a_page_is_drawn_and_measured_through_the_proxy(address: str, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True, locale="en-US")
    context.set_default_timeout(30_000)
    app = App(address, context.new_page())
    app.open("gather")
    app.await_result()
    assert app.titles()[0].startswith("<b>gather</b> — ")
    context.close()
