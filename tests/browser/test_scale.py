"""The page on scale in a browser: it grows, can be stopped, and gives its table."""

import csv
import io

import pytest

from tests.browser.screenshots import AWAIT_SWEEP_MS
from tests.kit.app import App

pytestmark = [pytest.mark.browser, pytest.mark.real]


def test_a_sweep_grows_until_it_is_stopped_and_what_was_measured_can_be_downloaded(
    app: App,
) -> None:
    app.open("scale?tasks=100000&sleep=10&series=coroutines")
    app.run()
    app.await_chart("chart.data.some(each => each.mode === 'lines+markers' && each.x.length >= 2)")
    app.page.get_by_role("progressbar").wait_for()
    app.press("Stop")
    download = app.page.get_by_role("button", name="Download the table")
    app.page.wait_for_selector("[data-testid=stProgress]", state="detached")
    with app.page.expect_download(timeout=AWAIT_SWEEP_MS) as saved:
        download.click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8"))))
    jobs = [int(row["jobs"]) for row in rows]
    assert jobs[:2] == [1, 3]
    assert jobs == sorted(set(jobs))
    assert max(jobs) < 100_000
    assert app.page.get_by_role("heading", name="What to notice").is_visible()
    assert not app.page.locator("[data-testid=stException]").count()
