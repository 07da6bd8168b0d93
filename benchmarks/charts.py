"""What charts cost: ours against `plotly.express.timeline`, in one interleaved run.

`python -m benchmarks.charts` prints tables; `--quick` takes a minute instead of several, and
`--markdown docs/measuring.md` puts the tables into the docs. Both draw the same spans. To build is
to make the figure and its JSON; the table of dates that `px.timeline` asks for is made before.
"""

import argparse
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.express as px
from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs

from benchmarks.report import machine, marked, put_between_markers, python, table
from core.charts.chart import draw
from core.charts.panel import Panel
from core.timeline.timeline import State, Timeline
from tests.kit.random_runs import random_run

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


TABLE = "charts table"
EMPTY = '{"data": [], "layout": {}}'
STATES = [state.word for state in State]
Build = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many spans are drawn how often; `rival_limit_s` is when the rival is given up."""

    spans: int
    rounds: int
    rival_rounds: int
    rival_limit_s: float


FULL = (
    Size(spans=10_000, rounds=7, rival_rounds=3, rival_limit_s=60),
    Size(spans=100_000, rounds=7, rival_rounds=1, rival_limit_s=120),
    Size(spans=1_000_000, rounds=7, rival_rounds=0, rival_limit_s=0),
)
QUICK = (
    Size(spans=10_000, rounds=2, rival_rounds=1, rival_limit_s=30),
    Size(spans=100_000, rounds=2, rival_rounds=1, rival_limit_s=30),
    Size(spans=1_000_000, rounds=2, rival_rounds=0, rival_limit_s=0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one way to draw a chart took, each time: seconds, and None for a paint given up."""

    build_s: tuple[float, ...]
    paint_s: tuple[float | None, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Both ways for one number of spans; the rival is None where it is not tried."""

    size: Size
    ours: Cost
    rival: Cost | None


def our_build(timeline: Timeline) -> str:
    """Return our chart of a run as JSON, as a page gets it."""
    parts = draw([Panel(program=timeline.program, title="a run", timeline=timeline)])
    text: str = parts.plain_figure().to_json()
    return text


def rival_build(spans: pd.DataFrame) -> str:
    """Return the chart that `px.timeline` makes of a table of spans as JSON."""
    figure = px.timeline(spans, x_start="start", x_end="end", y="job", color="state")
    text: str = figure.to_json()
    return text


def spans_table(timeline: Timeline) -> pd.DataFrame:
    """Return the spans of a run as `px.timeline` takes them."""
    spans = timeline.spans
    return pd.DataFrame(
        {
            "job": spans.job,
            "state": np.array(STATES)[spans.state],
            "start": pd.to_datetime(spans.start_ns, unit="ns"),
            "end": pd.to_datetime(spans.end_ns, unit="ns"),
        }
    )


def measure(size: Size) -> Row:
    """Return what both ways cost, taking turns."""
    timeline = random_run(size.spans)
    ours, rival = partial(our_build, timeline), partial(rival_build, spans_table(timeline))
    ours()
    our_times, rival_times = _Times(ours), _Times(rival)
    for number in range(size.rounds):
        our_times.take(size.rival_limit_s or 60)
        if number < size.rival_rounds:
            rival_times.take(size.rival_limit_s)
    return Row(
        size=size, ours=our_times.cost, rival=rival_times.cost if size.rival_rounds else None
    )


class _Times:
    """The times that one way to draw a chart has taken so far."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._build_s: list[float] = []
        self._paint_s: list[float | None] = []
        self._bytes = 0

    def take(self, limit_s: float) -> None:
        """Draw the chart once more."""
        before = time.perf_counter()
        text = self._build()
        self._build_s.append(time.perf_counter() - before)
        self._paint_s.append(paint_s(text, limit_s))
        self._bytes = len(text.encode())

    @property
    def cost(self) -> Cost:
        return Cost(
            build_s=tuple(self._build_s), paint_s=tuple(self._paint_s), size_bytes=self._bytes
        )


def empty_cost(rounds: int) -> Cost:
    """Return what painting a chart without any data takes: no chart can take less."""
    times = _Times(lambda: EMPTY)
    for _ in range(rounds):
        times.take(60)
    return times.cost


def report(rows: Sequence[Row], empty: Cost) -> str:
    """Return the table as text that is Markdown, too."""
    headings = ("spans", "build, ms", "figure, KB", "paint, ms", "px.timeline: build, ms")
    more = ("figure, KB", "paint, ms", "build and paint: times faster")
    lines = table((*headings, *more), [_cells(row) for row in rows])
    nothing = f"A chart without any data is painted in {_paint_s(empty, 60) * 1_000:,.0f} ms."
    return "\n".join([f"{python()}; {machine()}.", "", *lines, "", nothing])


def _cells(row: Row) -> list[str]:
    own = [f"{row.size.spans:,}", *_cost_cells(row.ours, 0)]
    if row.rival is None:
        return [*own, "-", "-", "-", "-"]
    return [*own, *_cost_cells(row.rival, row.size.rival_limit_s), _factor(row, row.rival)]


def _cost_cells(cost: Cost, limit_s: float) -> list[str]:
    painted = _paint_s(cost, limit_s)
    more = "> " if None in cost.paint_s else ""
    return [
        f"{statistics.median(cost.build_s) * 1_000:,.0f}",
        f"{cost.size_bytes / 1_000:,.0f}",
        f"{more}{painted * 1_000:,.0f}",
    ]


def _paint_s(cost: Cost, limit_s: float) -> float:
    """Return how long painting took at the median; one given up counts as the limit."""
    return statistics.median(limit_s if each is None else each for each in cost.paint_s)


def _factor(row: Row, rival: Cost) -> str:
    limit_s = row.size.rival_limit_s
    ours = statistics.median(row.ours.build_s) + _paint_s(row.ours, limit_s)
    theirs = statistics.median(rival.build_s) + _paint_s(rival, limit_s)
    more = "> " if None in rival.paint_s else ""
    return f"{more}{theirs / ours:,.0f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or put the table into a page of the docs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.charts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="the page to put it into")
    asked = parser.parse_args(arguments)
    sizes = QUICK if asked.quick else FULL
    text = report([measure(size) for size in sizes], empty_cost(sizes[0].rounds))
    print(marked(TABLE, text) if asked.markdown else text)
    if asked.markdown:
        put_between_markers(asked.markdown, TABLE, text)


if __name__ == "__main__":
    main()
