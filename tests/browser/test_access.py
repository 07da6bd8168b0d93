"""What axe-core finds on each page that keeps people with a handicap from using it."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext

from pages.components.navigation import STATUS_SWITCH, titles
from tests.browser.screenshots import OPEN_FILE, STATUS, show
from tests.kit.app import App
from tests.kit.chromium import Server, running_app

pytestmark = pytest.mark.browser

RULES: dict[Literal["light", "dark"], tuple[str, ...]] = {"light": (), "dark": ("color-contrast",)}
SERIOUS = {"serious", "critical"}
DRAWN = """
() => [...document.querySelectorAll('[data-testid=stPlotlyChart], [data-testid=stSkeleton]')]
    .every(each => each.querySelector('.main-svg'))
"""
FOLDED = "[data-testid=stExpander]:not(.st-key-menu *) > details:not([open]) > summary"


def unfold(app: App) -> None:
    while app.page.locator(FOLDED).count():
        app.page.locator(FOLDED).first.click()
        app.rest()
    app.page.get_by_role("button", name="Run file (JSON)").wait_for()


def tell_the_words(app: App) -> None:
    app.toggle("What the words mean")


def open_link(app: App) -> None:
    app.page.keyboard.press("Escape")
    app.rest()
    app.page.keyboard.press("k")
    app.page.get_by_role("dialog").locator("svg, img").last.wait_for()


def ask_for_a_guess(app: App) -> None:
    app.page.keyboard.press("Escape")
    app.rest()
    app.page.keyboard.press("q")
    app.page.get_by_text("The chart appears once you have guessed.").wait_for()


@pytest.fixture(scope="module")
def reader(server: Server, window: BrowserContext) -> Iterator[App]:
    """Return the app in a tab that stays open from page to page, as a reader's does."""
    tab = window.new_page()
    yield App(server.address, tab)
    tab.close()


@pytest.mark.parametrize("page", list(titles()))
def test_nothing_serious_stands_in_anybodys_way(reader: App, page: str) -> None:
    reader.turn_to(f"{'' if page == 'compare' else page}?automatic=off", titled=titles()[page])
    reader.page.locator("[data-testid=stMarkdown]:visible").first.wait_for()
    reader.page.wait_for_function(DRAWN)
    assert serious_in_both_themes(reader) == []


def test_nothing_serious_stands_in_the_way_of_a_measured_run(app: App) -> None:
    show(app, "errors")
    for act in (unfold, tell_the_words, open_link, ask_for_a_guess):
        act(app)
        assert (act, serious_in_both_themes(app)) == (act, [])


def test_nothing_serious_stands_in_the_way_of_a_hall(app: App) -> None:
    show(app, "errors", projected=True)
    app.open_menu()
    assert serious_in_both_themes(app) == []


def test_nothing_serious_stands_in_the_way_of_a_file(app: App) -> None:
    show(app, OPEN_FILE)
    assert serious_in_both_themes(app) == []


def test_nothing_serious_stands_in_the_way_of_a_sweep(app: App) -> None:
    app.open("scale?tasks=10&sleep=10&series=coroutines")
    app.run()
    app.page.get_by_role("button", name="Download the table").wait_for()
    app.page.wait_for_selector("[data-testid=stProgress]", state="detached")
    assert serious_in_both_themes(app) == []


@pytest.fixture
def operators(browser: Browser) -> Iterator[App]:
    """Return the app of a server whose operator wants the page on its status."""
    context: BrowserContext = browser.new_context(locale="en-US")
    with running_app(environment={STATUS_SWITCH: "1"}) as server:
        yield App(server.address, context.new_page())
    context.close()


def test_nothing_serious_stands_in_the_operators_way(operators: App) -> None:
    show(operators, STATUS)
    operators.page.get_by_role("link", name="Status").wait_for()
    assert serious_in_both_themes(operators) == []


def serious_in_both_themes(app: App) -> list[str]:
    """Return each finding with its theme; what does not depend on it is looked for once."""
    found = []
    for scheme, rules in RULES.items():
        app.dress(scheme)
        found += [f"{scheme}: {finding}" for finding in serious_findings(app, rules)]
    return found


def serious_findings(app: App, rules: Sequence[str]) -> list[str]:
    """Return what some rules, or all, find, each with the elements concerned."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    app.page.evaluate(f"'axe' in window || (() => {{ {AXE_SCRIPT} }})()")
    results: dict[str, list[dict[str, Any]]] = app.page.evaluate("with_ => axe.run(with_)", options)
    return [
        f"{finding['id']}: {finding['help']}: {[node['html'][:160] for node in finding['nodes']]}"
        for finding in results["violations"]
        if finding["impact"] in SERIOUS
    ]
