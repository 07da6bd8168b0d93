"""The lessons, by a link straight to each page, in both themes and on a phone."""

from pathlib import Path
from typing import Literal

import pytest

from tests.browser.app import App

pytestmark = [pytest.mark.browser, pytest.mark.real]

PAGES = Path(__file__).resolve().parents[2] / "pages"
LESSONS = sorted(path.stem for path in PAGES.glob("*.py") if path.stem != "compare")


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_link_to_a_lesson_shows_it_measured(app: App, lesson: str) -> None:
    app.open(lesson)
    app.await_result()
    assert lesson in app.titles()[0]
    assert app.page.get_by_role("heading", name="What to notice").is_visible()
    assert app.page.get_by_role("link", name="Compare").is_visible()
    assert not app.page.locator("[data-testid=stException]").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(
    app: App, scheme: Literal["light", "dark"], width: int
) -> None:
    app.page.set_viewport_size({"width": width, "height": 900})
    app.page.emulate_media(color_scheme=scheme)
    app.open("gather")
    app.await_result()
    for part in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        overflow = app.page.evaluate(f"() => {part}.scrollWidth - {part}.clientWidth")
        assert overflow <= 0
