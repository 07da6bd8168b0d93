"""Taking results away and opening them again, in a browser."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core import runfile
from tests.kit.app import CHART, App
from tests.kit.speaking import speaking

pytestmark = [pytest.mark.browser, pytest.mark.real]

PNG = b"\x89PNG\r\n\x1a\n"


def table_of(page: Page) -> list[str]:
    """Return the texts of the table of figures."""
    table = page.get_by_test_id("stTable").first
    table.locator("td").first.wait_for()
    return table.locator("td, th").all_inner_texts()


def test_what_is_taken_away_opens_again_with_the_same_chart_and_table(
    app: App, tmp_path: Path
) -> None:
    app.open()
    app.await_result()
    titles, bars, table = app.titles(), app.bars(), table_of(app.page)
    saved = tmp_path / "saved.json"
    saved.write_bytes(app.taken_away("Run file (JSON)").read_bytes())
    app.page.get_by_role("link", name="Open a run file").click()
    app.page.locator("input[type=file]").set_input_files([saved])
    app.await_result()
    app.await_chart("chart.data.filter(each => each.line?.dash === 'dash').length >= 3")
    assert (app.titles(), app.bars(), table_of(app.page)) == (titles, bars, table)


def test_a_bad_file_is_refused_in_one_line(app: App, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"schema": "loopscope/run@1",\n', encoding="utf-8")
    app.open()
    app.page.get_by_role("link", name="Open a run file").click()
    app.page.locator("input[type=file]").set_input_files([bad])
    said = "bad.json: line 2, column 1: the file ends here, and should go on"
    app.page.get_by_text(said).wait_for()
    assert not app.page.locator(CHART).count()


LINKING = (
    "http://else.where/x www.else.where a@else.where ![i](http://else.where/i.png) "
    "<img src=http://else.where/j.png> <a href='http://else.where/'>a</a> :streamlit: a -> b {x}"
)


def test_no_text_of_a_file_becomes_a_link_a_picture_or_anything_else(
    app: App, tmp_path: Path
) -> None:
    asked_for: list[str] = []
    app.page.on("request", lambda request: asked_for.append(request.url))
    path = tmp_path / "run.json"
    path.write_bytes(runfile.dump([speaking(LINKING), speaking(LINKING)]))
    app.open()
    app.page.get_by_role("link", name="Open a run file").click()
    app.page.locator("input[type=file]").set_input_files([path])
    app.await_result()
    for fold in ("What the pattern returned", "Transcript", "Table of spans"):
        app.page.get_by_text(fold, exact=True).click()
    app.page.get_by_test_id("stTable").get_by_text(LINKING).first.wait_for()
    app.rest()
    shown = app.page.locator("[data-testid=stMain]")
    assert shown.locator("a[href*='else.where'], img").count() == 0
    assert shown.get_by_text(LINKING).count() >= 5
    assert not [url for url in asked_for if "else.where" in url]


def test_the_chart_is_saved_as_a_picture_by_the_browser(app: App) -> None:
    app.open()
    app.await_result()
    assert app.taken_away("Picture of the chart (PNG)").read_bytes().startswith(PNG)
    picture = ET.fromstring(  # noqa: S314 - it comes from our own page
        app.taken_away("Picture of the chart (SVG)").read_text(encoding="utf-8")
    )
    texts = "".join(picture.itertext())
    assert "sequential" in texts
    assert "waiting" in texts


CUT_OFF = """
spacing => {
    const edge = document.querySelector(".legend .bg").getBoundingClientRect().right;
    return [...document.querySelectorAll(".legendtext")].filter(each => {
        each.style.letterSpacing = spacing;
        const letters = each.textContent.trimEnd().length;
        return each.getBoundingClientRect().left + each.getSubStringLength(0, letters) > edge;
    }).map(each => each.textContent.trimEnd());
}
"""


def test_the_legend_of_a_picture_is_whole_in_the_font_of_another_machine(
    app: App, browser: Browser
) -> None:
    """It once ended in "workin", measured in the page's web font, which a picture does not have."""
    app.open()
    app.await_result()
    picture = app.taken_away("Picture of the chart (SVG)").read_text(encoding="utf-8")
    assert "Source Sans" not in picture
    elsewhere = browser.new_page()
    try:
        elsewhere.set_content(picture)
        assert elsewhere.locator(".legendtext").count() >= 4
        # Letters half an em wide on average are wider by a sixth then, as those of DejaVu Sans.
        assert elsewhere.evaluate(CUT_OFF, "0.08em") == []
        assert elsewhere.evaluate(CUT_OFF, "0.5em") != []
    finally:
        elsewhere.close()
    # The page's own chart is as it was.
    assert not [bar for bar in app.bars() if "\u00a0" in bar.name]


def test_the_page_taken_away_works_without_a_network(
    app: App, browser: Browser, tmp_path: Path
) -> None:
    app.open()
    app.await_result()
    page = tmp_path / "result.html"
    page.write_bytes(app.taken_away("This result as one page").read_bytes())
    context: BrowserContext = browser.new_context(offline=True)
    try:
        alone = context.new_page()
        errors: list[str] = []
        alone.on("pageerror", lambda error: errors.append(str(error)))
        alone.goto(page.as_uri())
        alone.wait_for_selector(f"{CHART} .main-svg")
        assert errors == []
        assert "5 jobs of 200 ms" in alone.locator("body").inner_text()
        assert alone.locator("h2").count() == 6
    finally:
        context.close()


def test_a_trace_taken_away_is_json(app: App) -> None:
    app.open()
    app.await_result()
    trace = json.loads(app.taken_away("Chrome trace").read_text(encoding="utf-8"))
    assert {event["pid"] for event in trace["traceEvents"]} == {1, 2, 3}
