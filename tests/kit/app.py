"""The app as a person at a browser sees it: open, move, press, read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

CHART = ".js-plotly-plot"
FINISHED = "[class*=st-key-][class*='-replay ']"
"""What stands below the chart of finished runs in any language, on a projected page, too."""
MENU = ".st-key-menu > .stExpander > details"
NOTICED_MS = 150
"""How soon the page shows that a script runs."""
RESULT_LIMIT_MS = 60_000
BETWEEN_KEYS_MS = 60
"""No hand is faster; of keys that follow at once, a slider may take only the first."""

SETTLED = """
() => {
    const chart = document.querySelector('.js-plotly-plot');
    const place = chart.closest('[data-testid=stPlotlyChart]');
    return chart._fullLayout.width === place.getBoundingClientRect().width
        && !document.getAnimations().some(each => each.playState === 'running');
}
"""
WEARS = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"

TURN_TO = """
address => {
    history.pushState({}, '', address);
    dispatchEvent(new PopStateEvent('popstate'));
}
"""
TURNED = """
title => document.title === title && !document.querySelector('[data-stale=true]')
    && document.querySelector('[data-test-script-state=notRunning]')
"""

BARS = """
() => document.querySelector('.js-plotly-plot')._fullData
    .filter(trace => trace.type === 'bar' && trace.orientation === 'h')
    .map(trace => ({
        name: trace.name,
        plot: trace.yaxis || 'y',
        start: Array.from(trace.base),
        length: Array.from(trace.x),
        row: Array.from(trace.y),
    }))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the chart; `plot` is its vertical axis, times are in the axis' unit."""

    name: str
    plot: str
    row: int
    start: float
    length: float


class App:
    """A page of the app in a browser."""

    def __init__(self, address: str, page: Page) -> None:
        self.address = address
        self.page = page

    def open(self, path: str = "") -> None:
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_selector(
            "[data-testid=stApp][data-test-connection-state=CONNECTED]", state="attached"
        )
        self.page.wait_for_selector(f"{CHART} .main-svg")

    def turn_to(self, path: str, *, titled: str) -> None:
        """Go to another page as a browser's Back does: nothing but the page is loaded.

        It returns once the page of this title stands alone; the first one is opened by a link.
        """
        if self.page.url.startswith(self.address):
            self.page.evaluate(TURN_TO, f"{self.address}/{path}")
        else:
            self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_function(TURNED, arg=f"{titled} · Loopscope")

    def await_result(self) -> None:
        """Return once a finished run stands on the page; fail on an error, with its text."""
        finished = self.page.locator(FINISHED)
        alert = self.page.locator("[data-testid=stAlertContentError], [data-testid=stException]")
        finished.or_(alert).first.wait_for(timeout=RESULT_LIMIT_MS)
        assert not alert.count(), alert.all_inner_texts()
        self.page.wait_for_selector("[data-test-script-state=notRunning]")

    def move_slider(self, name: str, key: str, times: int = 1) -> None:
        slider = self.page.get_by_role("slider", name=name)
        slider.focus()
        for _ in range(times):
            slider.press(key)
            self.page.wait_for_timeout(BETWEEN_KEYS_MS)

    def slider_text(self, name: str) -> str:
        text = self.page.get_by_role("slider", name=name).get_attribute("aria-valuetext")
        assert text is not None
        return text

    def open_menu(self) -> None:
        """Open the menu, if it is not open."""
        menu = self.page.locator(MENU)
        if menu.get_attribute("open") is None:
            self.rest()
            menu.locator("summary").first.click()

    def toggle(self, name: str) -> None:
        """Press what has a text, in the menu."""
        self.open_menu()
        self.page.locator(MENU).get_by_text(name, exact=True).click()

    def rest(self) -> None:
        """Return once no script runs: Streamlit may lose what is pressed while one does.

        When a script has ended its buttons are drawn anew, and take their keys a moment later.
        """
        self.page.wait_for_timeout(NOTICED_MS)
        self.page.wait_for_selector("[data-test-script-state=notRunning]")
        self.page.wait_for_timeout(NOTICED_MS)

    def run(self) -> None:
        self.rest()
        self.page.get_by_test_id("stBaseButton-primary").click()

    def press(self, name: str) -> None:
        self.rest()
        self.page.get_by_role("button", name=name).click()

    def await_chart(self, condition: str) -> None:
        """Return once a JavaScript condition holds of the chart, there called `chart`."""
        self.page.wait_for_function(
            f"() => {{ const chart = document.querySelector('{CHART}');"
            f" return chart && chart.data && ({condition}); }}",
            timeout=RESULT_LIMIT_MS,
        )

    def bars(self) -> list[Bar]:
        traces: list[dict[str, Any]] = self.page.evaluate(BARS)
        return [
            Bar(name=trace["name"], plot=trace["plot"], row=row, start=start, length=length)
            for trace in traces
            for row, start, length in zip(
                trace["row"], trace["start"], trace["length"], strict=True
            )
        ]

    def chart_box(self) -> tuple[float, float]:
        """Return where the first plot of the chart begins and the last one ends, in pixels.

        They are counted from the upper edge of the window.
        """
        top, bottom = self.page.evaluate(
            "() => { const boxes = [...document.querySelector('.js-plotly-plot')"
            ".querySelectorAll('.nsewdrag')].map(each => each.getBoundingClientRect());"
            " return [Math.min(...boxes.map(box => box.top)),"
            " Math.max(...boxes.map(box => box.bottom))]; }"
        )
        return top, bottom

    def resize(self, width: int, height: int) -> None:
        """Resize the window and return once the sidebar and the chart have followed."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(SETTLED)

    def dress(self, scheme: Literal["light", "dark"]) -> None:
        """Let the browser ask for a theme and return once the page wears it."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.wait_for_function(WEARS, arg=scheme)

    def titles(self) -> list[str]:
        self.await_chart("chart.layout.annotations")
        titles: list[str] = self.page.evaluate(
            f"() => document.querySelector('{CHART}').layout.annotations.map(a => a.text)"
        )
        return titles

    def downloaded(self) -> Any:
        return json.loads(self.taken_away("Run file (JSON)").read_text(encoding="utf-8"))

    def taken_away(self, name: str) -> Path:
        """Return a file from the menu of downloads, by the beginning of what the menu calls it."""
        entry = self.page.get_by_role("button", name=name)
        if not entry.first.is_visible():
            self.rest()
            self.page.get_by_text("Download", exact=True).click()
        with self.page.expect_download() as download:
            entry.first.click()
        return Path(download.value.path())
