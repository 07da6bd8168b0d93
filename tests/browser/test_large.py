"""A large run in a browser: read with a pointer, and zoomed into down to exact bars."""

import re
from typing import Any

import pytest

from tests.kit.app import CHART, App

pytestmark = [pytest.mark.browser, pytest.mark.real]

TASKS = 3_000
HALF_A_NS_IN_MS = 0.5e-6
WINDOW = re.compile(r"window=([0-9.]+)(m?s)-([0-9.]+)(m?s)_jobs(\d+)-(\d+)")
MS = {"ms": 1, "s": 1_000}


LABEL = """
label => [...label.querySelectorAll('tspan.line')].map(line => line.textContent).join(' / ')
"""
Place = tuple[float, float]


def on_screen(app: App, plot: str, *places: Place) -> list[Place]:
    """Return where places in a plot are on the screen; they are given as shares of its size."""
    area = app.page.locator(f"{CHART} .nsewdrag[data-subplot={plot}]")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    return [
        (box["x"] + right * box["width"], box["y"] + down * box["height"]) for right, down in places
    ]


def point_at(app: App, plot: str, place: Place) -> str:
    """Return what the pointer reads at a place in a plot."""
    ((x, y),) = on_screen(app, plot, place)
    app.page.mouse.move(x - 5, y)
    app.page.mouse.move(x, y)
    label = app.page.locator(f"{CHART} .hoverlayer .hovertext")
    label.first.wait_for()
    text: str = label.first.evaluate(LABEL)
    return text


def drag(app: App, plot: str, corner: Place, opposite: Place) -> None:
    """Draw a box in a plot. One lower than 12 pixels would be taken for all of the height."""
    start, end = on_screen(app, plot, corner, opposite)
    app.page.mouse.move(*start)
    app.page.mouse.down()
    app.page.mouse.move(*end, steps=5)
    app.page.mouse.up()


def seen_ms(app: App) -> tuple[float, float, int, int]:
    """Return the window that the URL names: times in milliseconds, and the first and last job."""
    found = WINDOW.search(app.page.url)
    assert found is not None
    start, unit, end, end_unit, first, last = found.groups()
    return float(start) * MS[unit], float(end) * MS[end_unit], int(first), int(last)


def recorded_ms(run: dict[str, Any], window: tuple[float, float, int, int]) -> list[Any]:
    """Return the row, beginning and length of each span of a run file that is in a window."""
    start, end, first, last = window
    parts = [
        (job["id"], max(start, span["start_ns"] / 1e6), min(end, span["end_ns"] / 1e6))
        for job in run["jobs"][first - 1 : last]
        for span in job["spans"]
        if span["start_ns"] / 1e6 < end and span["end_ns"] / 1e6 > start
    ]
    top = min(job for job, _, _ in parts)
    return sorted((job - top, begin, until - begin) for job, begin, until in parts)


def test_a_pointer_reads_what_is_summed_up_in_every_part_of_a_large_run(app: App) -> None:
    app.open(f"gather?tasks={TASKS}")
    app.await_result()
    for down in (0.1, 0.5, 0.9):
        text = point_at(app, "x2y2", (0.5, down))
        assert text.startswith("jobs on average, for ")
        assert "in the ideal schedule: " in text
    loop = point_at(app, "x2y3", (0.5, 0.5))
    assert re.match(r"the loop was busy for [\d.]+% of ", loop)
    assert "steps of that kind that begin here: " in loop
    cell = point_at(app, "x2y4", (0.9, 0.97))
    assert re.match(r"jobs 2,\d{3} to [23],\d{3}, .* / spans that begin here: \d+", cell) or (
        "blocking" in cell
    )


def test_boxes_in_a_large_run_zoom_in_down_to_exact_bars_and_one_click_shows_all(app: App) -> None:
    app.open(f"gather?tasks={TASKS}")
    app.await_result()
    app.await_chart("chart._fullLayout.images.length === 1 && chart._fullLayout.xaxis2")
    drag(app, "x2y4", (0.02, 0.1), (0.98, 0.9))
    app.page.wait_for_url(WINDOW)
    app.await_chart("chart._fullLayout.images.length === 1 && !chart._fullLayout.xaxis2")
    _, _, first, last = seen_ms(app)
    assert 0.1 * TASKS - 50 < first < last < 0.9 * TASKS + 50
    assert point_at(app, "xy", (0.5, 0.5)).startswith("jobs on average, for ")

    drag(app, "xy3", (0.1, 0.5), (0.9, 0.57))
    app.await_chart("!chart._fullLayout.images.length && chart.data.some(t => t.type === 'bar')")
    window = seen_ms(app)
    assert window[3] - window[2] < 250
    bars = [bar for bar in app.bars() if bar.name != "ideal"]
    shown = sorted((bar.row, bar.start, bar.length) for bar in bars)
    recorded = recorded_ms(app.downloaded(), window)
    assert len(shown) == len(recorded) > 0
    for bar, span in zip(shown, recorded, strict=True):
        assert bar == pytest.approx(span, rel=0, abs=2 * HALF_A_NS_IN_MS)

    app.page.keyboard.press("Escape")
    app.press("Show all")
    app.await_chart("chart._fullLayout.images.length === 1 && chart._fullLayout.xaxis2")
    app.page.wait_for_url(lambda url: "window" not in url)
