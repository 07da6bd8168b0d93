"""A Chromium for tests and screenshots, and the app's server: started here, ended here."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.kit.server import ROOT, Server, running_app

__all__ = ["ROOT", "Server", "keep_warm", "running_app", "running_browser"]

FLAGS = (
    "--no-sandbox",
    # All tabs of a window on one site share a process: see `keep_warm`.
    "--process-per-site",
)


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    """Start a Chromium; it has ended when this returns."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def keep_warm(window: BrowserContext, server: Server) -> None:
    """Keep the process that draws a server's pages alive between the tabs of a window.

    A tab in a new process compiles all scripts anew, 9 MB of them, which takes more processor time
    than anything else that a test asks for: 5 s for a page, and 2 s where the process is kept. The
    tab that keeps it shows two letters and is no session to the server.
    """
    window.new_page().goto(f"{server.address}/_stcore/health")
