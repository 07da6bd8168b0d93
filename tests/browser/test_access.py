"""What axe-core finds on each page that keeps people with a handicap from using it."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.components.contents import titles
from tests.browser.app import App

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SERIOUS = {"serious", "critical"}
THEME_OF = "() => getComputedStyle(document.querySelector('.stApp')).colorScheme"


@pytest.mark.parametrize("page", list(titles()))
def test_nothing_serious_stands_in_anybodys_way(app: App, page: str) -> None:
    app.page.goto(f"{app.address}/{'' if page == 'compare' else page}?automatic=off")
    app.page.get_by_test_id("stMarkdown").first.wait_for()
    app.page.wait_for_selector("[data-test-script-state=notRunning]")
    for scheme in SCHEMES:
        app.page.emulate_media(color_scheme=scheme)
        app.page.wait_for_function(f"scheme => ({THEME_OF})() === scheme", arg=scheme)
        assert serious_findings(app) == []


def test_nothing_serious_stands_in_the_way_of_a_measured_run(app: App) -> None:
    app.open("errors")
    app.await_result()
    assert serious_findings(app) == []


def serious_findings(app: App) -> list[str]:
    """Return each finding with its rule and the elements concerned."""
    findings: list[dict[str, Any]] = Axe().run(app.page).response["violations"]
    return [
        f"{finding['id']}: {finding['help']}: {[node['html'][:160] for node in finding['nodes']]}"
        for finding in findings
        if finding["impact"] in SERIOUS
    ]
