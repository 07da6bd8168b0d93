"""A Chromium for tests and screenshots, and the app's server: started here, ended here."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.kit.server import ROOT, Server, running_app

__all__ = ["ROOT", "Server", "running_app", "running_browser"]


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    """Start a Chromium; it has ended when this returns."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
