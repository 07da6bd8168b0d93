"""What a browser takes to show a large run in our chart, and to zoom into it.

`python -m benchmarks.zooming` prints a table; `--markdown docs/measuring.md` puts it there.
A real Streamlit server shows runs that are made up (`show_runs`), and a real Chromium moves a
slider, draws a box and zooms out: from the release of the key or the button to the first frame that
shows the new chart. Sizes take turns, so that a busy moment hits all of them.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import cast

import streamlit as st
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.reading import recorded
from benchmarks.report import machine, marked, put_between_markers, python, table
from core.charts.lanes import LaneView
from core.errors import LoopscopeError
from core.measuring.measurement import Measurement
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Timeline
from pages.components import result_view
from pages.components.run_panel import RunView
from tests.kit.server import ROOT, running_app

TABLE = "zooming table"
STANDARD_OUTPUT = "-"
APP = "from benchmarks.zooming import show_runs\n\nshow_runs()\n"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 7
STEPS = 4
SPANS_PER_STEP = 3
LIMIT_MS = 120_000
HEADINGS = ("spans", "slider to painted, ms", "box zoom, ms", "zoom out, ms")

WATCH = """
() => {
    const shown = () => {
        const layout = document.querySelector('.js-plotly-plot')?._fullLayout;
        return layout && document.querySelector('.js-plotly-plot .main-svg')
            ? JSON.stringify([layout.xaxis.range, layout.yaxis.range, layout.height]) : null;
    };
    const before = shown();
    let began = null;
    const begin = event => { began = performance.now(); };
    for (const name of ['keydown', 'mouseup', 'click'])
        window.addEventListener(name, begin, {capture: true, once: true});
    window.painted = new Promise(resolve => {
        const look = () => {
            const now = shown();
            if (began !== null && now !== null && now !== before)
                requestAnimationFrame(() => resolve(performance.now() - began));
            else
                requestAnimationFrame(look);
        };
        look();
    });
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one round of one size took, in milliseconds."""

    spans: int
    slider_ms: float
    zoom_ms: float
    out_ms: float


class Made:
    """A run that has ended, as far as a chart asks a measurement for it."""

    error: LoopscopeError | None = None

    def __init__(self, timeline: Timeline) -> None:
        self.spec = timeline.spec
        self._timeline = timeline

    def timeline(self) -> Timeline:
        """Return the run."""
        return self._timeline


@st.cache_resource
def made(spans: int, run: int) -> Made:
    """Return a run of about so many spans; `run` is the number among runs of one size."""
    jobs = max(1, spans // (STEPS * SPANS_PER_STEP)) + run
    recording = Recording(
        events=recorded(jobs, STEPS), started_ns=0, returned_ns=jobs * (1 + STEPS * 1_000) + 300
    )
    return Made(assemble(RunSpec(pattern="gather", tasks=jobs, sleep_s=0.001), recording))


@st.fragment
def chart(run: Made) -> None:
    """Show the chart of a run, as the pages do."""
    result_view.show_chart(
        RunView(
            page="benchmark",
            specs=(run.spec,) if run.spec else (),
            lanes=LaneView.JOBS,
            menu=st.container(),
        ),
        [cast("Measurement", run)],
        summary="",
    )


def show_runs() -> None:
    """Show the chart of a run that is made up: the page that is measured.

    `?spans=100000` chooses the size. The slider shows another run of the same size, of as many jobs
    with longer steps, so that all of the chart is drawn anew.
    """
    st.set_page_config(layout="wide")
    size = int(st.query_params.get("spans", "1000"))
    for each in range(2):
        made(size, each)
    chart(made(size, st.slider("Run", 0, 99) % 2))


@contextmanager
def opened(browser: Browser, address: str, spans: int) -> Iterator[Page]:
    """Open the app with runs of a size; it has been shown once when this returns."""
    page = browser.new_page(viewport={"width": 1440, "height": 1_000})
    page.set_default_timeout(LIMIT_MS)
    page.goto(f"{address}/?spans={spans}")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.wait_for_selector("[data-test-script-state=notRunning]")
    yield page
    page.close()


def look(page: Page, spans: int) -> Look:
    """Move the slider, zoom into a box, and out again."""
    slider = page.get_by_role("slider", name="Run")
    slider.focus()
    page.evaluate(WATCH)
    slider.press("ArrowRight")
    slider_ms = _painted_ms(page)
    _move_over_box(page)
    page.evaluate(WATCH)
    page.mouse.up()
    zoom_ms = _painted_ms(page)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Show all").click()
    return Look(
        spans=spans,
        slider_ms=slider_ms,
        zoom_ms=zoom_ms,
        out_ms=_painted_ms(page),
    )


def _painted_ms(page: Page) -> float:
    taken_ms: float = page.evaluate("() => window.painted")
    page.wait_for_selector("[data-test-script-state=notRunning]")
    return taken_ms


def _move_over_box(page: Page) -> None:
    """Draw a box over a tenth of the time and a quarter of the rows, without letting go."""
    plot = page.locator(".js-plotly-plot .nsewdrag").last
    plot.scroll_into_view_if_needed()
    found = plot.bounding_box()
    if found is None:
        raise RuntimeError("the chart has no plot to draw a box in")
    page.mouse.move(found["x"] + 0.4 * found["width"], found["y"] + 0.4 * found["height"])
    page.mouse.down()
    corner = found["x"] + 0.5 * found["width"], found["y"] + 0.65 * found["height"]
    page.mouse.move(*corner, steps=4)


def measure(sizes: Sequence[int], rounds: int) -> list[Look]:
    """Look at runs of each size so many times, in turns; return the medians.

    A first round is not counted: it imports, and makes the runs up.
    """
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if path is None:
        sys.exit("no Chromium on this machine")
    found: dict[int, list[Look]] = {size: [] for size in sizes}
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with (
        _app() as folder,
        running_app(folder=folder, environment={"PYTHONPATH": paths}) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for round_number in range(rounds + 1):
            for size in sizes:
                with opened(browser, server.address, size) as page:
                    seen = look(page, size)
                if round_number > 0:
                    found[size].append(seen)
        browser.close()
    return [_median(looks) for looks in found.values()]


@contextmanager
def _app() -> Iterator[Path]:
    """Make a folder with a script for Streamlit, and remove it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(APP, encoding="utf-8")
        yield Path(folder)


def _median(looks: Sequence[Look]) -> Look:
    return Look(
        spans=looks[0].spans,
        slider_ms=median(each.slider_ms for each in looks),
        zoom_ms=median(each.zoom_ms for each in looks),
        out_ms=median(each.out_ms for each in looks),
    )


def tables(looks: Sequence[Look]) -> str:
    """Return what was seen as a table that is both plain text and Markdown."""
    rows = [
        (
            f"{each.spans:,}",
            f"{each.slider_ms:,.0f}",
            f"{each.zoom_ms:,.0f}",
            f"{each.out_ms:,.0f}",
        )
        for each in looks
    ]
    return "\n".join([f"{python()}; {machine()}.", "", *table(HEADINGS, rows)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or put the table into a page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zooming", description=__doc__)
    parser.add_argument("--markdown", metavar="PATH", nargs="?", const=STANDARD_OUTPUT)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args(arguments)
    text = tables(measure(options.sizes, options.rounds))
    if options.markdown in (None, STANDARD_OUTPUT):
        print(marked(TABLE, text) if options.markdown else text)
    else:
        put_between_markers(Path(options.markdown), TABLE, text)


if __name__ == "__main__":
    main()
