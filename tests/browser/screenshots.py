"""Make the screenshots: `python -m tests.browser.screenshots` draws README's, with a folder all.

Usage:
    python -m tests.browser.screenshots            writes docs/compare.png
    python -m tests.browser.screenshots FOLDER     writes every page: wide and phone, both themes,
                                                   both languages
"""

import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from pages.components.contents import SWEEPS
from tests.browser.app import App
from tests.browser.server import ROOT, chromium_path, running_app, running_browser

README_PICTURE = ROOT / "docs" / "compare.png"
WIDTHS = {"wide": 1440, "phone": 390}
FIRST_HEIGHT, MOST_HEIGHT = 900, 4_000
AWAIT_SWEEP_MS = 180_000
LOCALES = {"en": "en-US", "ko": "ko-KR"}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = (
    "",
    *sorted(
        path.stem
        for path in (ROOT / "pages").glob("*.py")
        if path.stem not in ("compare", "status")
    ),
)


def main(folder: Path | None) -> None:
    path = chromium_path()
    if path is None:
        sys.exit("no Chromium on this machine")
    with running_app() as server, running_browser(path) as browser:
        if folder is None:
            shoot(browser, server.address, "", README_PICTURE, width=1360)
            return
        folder.mkdir(parents=True, exist_ok=True)
        every = product(PAGES, WIDTHS.items(), SCHEMES, LOCALES.items())
        for page, (size, width), scheme, (language, locale) in every:
            target = folder / f"{page or 'compare'}-{size}-{scheme}-{language}.png"
            shoot(browser, server.address, page, target, width=width, scheme=scheme, locale=locale)


def shoot(
    browser: Browser,
    address: str,
    page: str,
    target: Path,
    *,
    width: int,
    scheme: Literal["light", "dark"] = "light",
    locale: str = LOCALES["en"],
) -> None:
    """Write the picture of a whole page, measured."""
    context = browser.new_context(
        viewport={"width": width, "height": FIRST_HEIGHT}, color_scheme=scheme, locale=locale
    )
    try:
        app = App(address, context.new_page())
        app.open(page)
        await_measured(app, page)
        height: int = app.page.evaluate(
            "() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
        )
        app.page.set_viewport_size({"width": width, "height": min(height, MOST_HEIGHT)})
        app.page.wait_for_timeout(1_000)
        app.page.screenshot(path=target)
    finally:
        context.close()


def await_measured(app: App, page: str) -> None:
    """Return once a page shows what it measures; one that sweeps must be told to."""
    if page not in SWEEPS:
        app.await_result()
        return
    app.run()
    app.page.wait_for_selector("[data-testid=stProgress]")
    app.page.wait_for_selector("[data-testid=stProgress]", state="detached", timeout=AWAIT_SWEEP_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
