"""Make the screenshots: `python -m tests.browser.screenshots` draws the docs', with a folder all.

Usage:
    python -m tests.browser.screenshots            writes docs/compare.png and docs/recording.png
    python -m tests.browser.screenshots FOLDER     writes every page: wide, phone and projected,
                                                   both themes, both languages
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FilePayload

from core import compare
from core.runfile import dump
from core.shell import RECORDER
from core.spec.run_spec import RunSpec
from pages.components.navigation import READING, STATUS_SWITCH, SWEEPS
from tests.kit.app import App
from tests.kit.chromium import ROOT, running_app, running_browser
from tests.kit.needs import chromium_path

README_PICTURE = ROOT / "docs" / "compare.png"
RECORDING_PICTURE = ROOT / "docs" / "recording.png"
RECORDED = ROOT / "tests" / "browser" / "orders.py"
FIRST_HEIGHT, HALL_HEIGHT, MOST_HEIGHT = 900, 720, 4_500
AWAIT_SWEEP_MS = 180_000
LOCALES = {"en": "en-US", "ko": "ko-KR"}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
OPEN_FILE, OWN_CODE, STATUS = "open_file", "own_code", "status"
PAGES = (
    "",
    *sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "compare"),
)
STANDING = (*READING, OPEN_FILE, OWN_CODE, STATUS)
"""Pages that measure nothing by themselves."""
BEGUN = "[data-testid=stMain] :is(h1, input[type=file])"
SKELETONS = "() => !document.querySelector('[data-testid=stSkeleton]')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A window's width, and whether the page is projected: then only what a hall sees is shown."""

    width: int
    projected: bool = False


SIZES = {
    "wide": Size(width=1440),
    "phone": Size(width=390),
    "hall": Size(width=1280, projected=True),
}


def main(folder: Path | None) -> None:
    path = chromium_path()
    if path is None:
        sys.exit("no Chromium on this machine")
    shown = {STATUS_SWITCH: "1"} if folder else {}
    with running_app(environment=shown) as server, running_browser(path) as browser:
        if folder is None:
            shoot(browser, server.address, "", README_PICTURE, Size(width=1360))
            shoot_recording(browser, server.address)
            return
        folder.mkdir(parents=True, exist_ok=True)
        every = product(PAGES, SIZES.items(), SCHEMES, LOCALES.items())
        for page, (name, size), scheme, (language, locale) in every:
            if not (size.projected and page == STATUS):
                target = folder / f"{page or 'compare'}-{name}-{scheme}-{language}.png"
                shoot(browser, server.address, page, target, size, scheme=scheme, locale=locale)


def shoot(
    browser: Browser,
    address: str,
    page: str,
    target: Path,
    size: Size,
    *,
    scheme: Literal["light", "dark"] = "light",
    locale: str = LOCALES["en"],
) -> None:
    """Write the picture of a whole page, measured; of a projected one, what a hall sees of it."""
    height = HALL_HEIGHT if size.projected else FIRST_HEIGHT
    context = browser.new_context(
        viewport={"width": size.width, "height": height}, color_scheme=scheme, locale=locale
    )
    try:
        app = App(address, context.new_page())
        show(app, page, projected=size.projected)
        if not size.projected:
            whole: int = app.page.evaluate(
                "() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
            )
            app.page.set_viewport_size({"width": size.width, "height": min(whole, MOST_HEIGHT)})
        app.page.wait_for_timeout(1_000)
        app.page.screenshot(path=target)
    finally:
        context.close()


def shoot_recording(browser: Browser, address: str) -> None:
    """Write the picture of what is seen first of the recording of a program."""
    context = browser.new_context(viewport={"width": 1360, "height": FIRST_HEIGHT})
    try:
        app = App(address, context.new_page())
        show(app, OPEN_FILE, opened=recording_of(RECORDED))
        app.page.wait_for_timeout(1_000)
        app.page.screenshot(path=RECORDING_PICTURE)
    finally:
        context.close()


def recording_of(script: Path) -> FilePayload:
    """Return the file that a recording of a script leaves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{script.stem}.loopscope"
        command = [sys.executable, str(RECORDER), "record", "--out", str(path), script.name]
        subprocess.run(command, cwd=script.parent, check=True, timeout=60)
        data = path.read_bytes()
    return {"name": path.name, "mimeType": "application/octet-stream", "buffer": data}


def show(
    app: App, page: str, *, projected: bool = False, opened: FilePayload | None = None
) -> None:
    """Open a page and return once it shows all that it has to show, of files the one given."""
    path = f"{page}?projector=on" if projected else page
    if page not in STANDING:
        app.open(path)
        await_measured(app, page)
    else:
        app.page.goto(f"{app.address}/{path}")
        app.page.wait_for_selector(BEGUN, state="attached")
        app.page.wait_for_selector("[data-test-script-state=notRunning]")
    if page == OPEN_FILE:
        app.page.locator("input[type=file]").set_input_files([opened or two_runs()])
        app.await_result()
    elif page == OWN_CODE:
        app.run()
        app.await_result()
    app.page.wait_for_function(SKELETONS)


@cache
def two_runs() -> FilePayload:
    """Return a file of two runs."""
    timelines = compare(
        [RunSpec(pattern=name, tasks=5, sleep_s=0.1) for name in ("sequential", "gather")]
    )
    return {"name": "two.json", "mimeType": "application/json", "buffer": dump(timelines)}


def await_measured(app: App, page: str) -> None:
    """Return once a page shows what it measures; one that sweeps needs a press."""
    if page not in SWEEPS:
        app.await_result()
        return
    app.run()
    app.page.wait_for_selector("[data-testid=stProgress]")
    app.page.wait_for_selector("[data-testid=stProgress]", state="detached", timeout=AWAIT_SWEEP_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
