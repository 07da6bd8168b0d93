"""How long a Chromium takes to paint a figure: from `Plotly.newPlot` until two frames after it."""

import shutil
import time

from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1_280, 1_000
PAINT = """
text => {
    const figure = JSON.parse(text);
    const frame = () => new Promise(requestAnimationFrame);
    const started = performance.now();
    Plotly.newPlot('chart', figure.data, figure.layout)
        .then(frame).then(frame)
        .then(() => { window.tookMs = performance.now() - started; });
}
"""


def chromium_path() -> str | None:
    """Return where a Chromium is installed, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def paint_s(figure_json: str, limit_s: float) -> float | None:
    """Return how long a figure takes to be painted, in a new browser; None beyond the limit.

    Raises:
        RuntimeError: If there is no Chromium on this machine.
    """
    path = chromium_path()
    if path is None:
        raise RuntimeError("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.set_content("<div id=chart></div>")
            page.add_script_tag(content=get_plotlyjs())
            until = time.monotonic() + limit_s
            page.evaluate(f"text => {{ setTimeout({PAINT}, 0, text); }}", figure_json)
            left_ms = max(1.0, (until - time.monotonic()) * 1_000)
            page.wait_for_function("window.tookMs !== undefined", timeout=left_ms)
            took_ms: float = page.evaluate("window.tookMs")
            return took_ms / 1_000
        except TookTooLong:
            return None
        finally:
            browser.close()
