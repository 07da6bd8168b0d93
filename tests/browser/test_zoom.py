"""Zooming into a chart with a mouse."""

import re

import pytest

from tests.kit.app import App

pytestmark = [pytest.mark.browser, pytest.mark.real]

A_NS_IN_MS = 1e-6
WINDOW = re.compile(r"window=(\d+(?:\.\d+)?)ms-(\d+(?:\.\d+)?)ms_jobs3-6\b")


def drag_box(app: App, left: float, top: float, right: float, bottom: float) -> None:
    """Draw a box in the first plot, between two corners given as shares of its size."""
    plot = app.page.locator(".js-plotly-plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    found = plot.bounding_box()
    assert found is not None
    app.page.mouse.move(found["x"] + left * found["width"], found["y"] + top * found["height"])
    app.page.mouse.down()
    app.page.mouse.move(
        found["x"] + right * found["width"], found["y"] + bottom * found["height"], steps=5
    )
    app.page.mouse.up()


def shown(app: App) -> tuple[list[float], list[str]]:
    """Return the range of the time axis and the labels of the rows."""
    time_range, labels = app.page.evaluate(
        "() => { const layout = document.querySelector('.js-plotly-plot')._fullLayout;"
        " return [layout.xaxis.range, layout.yaxis.ticktext]; }"
    )
    return time_range, labels


def test_a_box_zooms_in_its_link_brings_it_back_and_a_click_zooms_out(app: App) -> None:
    app.open("gather?tasks=10")
    app.await_result()
    (first, last), _ = shown(app)
    drag_box(app, 0.2, 0.25, 0.5, 0.55)
    app.page.wait_for_url(WINDOW)
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 4")
    (start, end), labels = shown(app)
    assert labels == ["job 3", "job 4", "job 5", "job 6"]
    assert 0.1 < (start - first) / (last - first) < 0.3
    assert 0.4 < (end - first) / (last - first) < 0.6
    bars = app.bars()
    assert {bar.row for bar in bars} == {0, 1, 2, 3}
    assert all(bar.start >= start - A_NS_IN_MS / 2 for bar in bars)
    assert all(bar.start + bar.length <= end + A_NS_IN_MS / 2 for bar in bars)
    assert app.page.locator(".selectionlayer path").count() == 0

    app.page.reload()
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 4")
    assert shown(app) == ([start, end], labels)

    app.await_result()
    app.open_menu()
    first_and_last_job = app.page.get_by_role("slider", name="jobs")
    first_and_last_job.first.wait_for()
    stand = [each.get_attribute("aria-valuetext") for each in first_and_last_job.all()]
    assert stand == ["3", "6"]
    app.page.keyboard.press("Escape")
    app.press("Show all")
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 10")
    app.page.wait_for_url(lambda url: "window" not in url)


def test_zooming_out_goes_step_by_step_as_the_browser_s_back_does(app: App) -> None:
    app.open("gather?tasks=10")
    app.await_result()
    drag_box(app, 0.1, 0.05, 0.9, 0.75)
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 8")
    drag_box(app, 0.1, 0.05, 0.9, 0.45)
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 4")
    app.press("Zoom out")
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 8")
    app.page.go_back()
    app.await_chart("chart._fullLayout.yaxis.ticktext?.length === 4")
    assert "window=" in app.page.url
