"""The style of pages: what it must know of what is drawn."""

from contextvars import copy_context

import pytest

from core.analysis.span_classes import span_classes
from core.charts.layout import spare_lines
from core.charts.palette import marks
from core.text.language import _, speak
from pages.components.markdown_text import escaped
from tests.kit.screen import ROOT, Screen, blank

STYLE = (ROOT / "pages" / "components" / "assets" / "look.css").read_text(encoding="utf-8")


def most_spare_lines(language: str) -> int:
    speak(language)
    names = [_("ideal"), _("your guess")]
    names += [look.name for look in span_classes().values()]
    names += [mark.name for mark in marks().values()]
    return spare_lines(names)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_room_of_every_legend_is_taken_back_on_a_laptop(language: str) -> None:
    most = copy_context().run(most_spare_lines, language)
    assert most > 0
    assert all(f'"-spare-lines-{lines}"' in STYLE for lines in range(1, most + 1))


def projected(page: str) -> Screen:
    screen = blank(page, by_itself=False)
    screen.at.query_params["projector"] = "on"
    return screen.run()


def test_a_projected_page_has_its_controls_and_its_chart_alone() -> None:
    screen = projected("gather")
    assert screen.texts("markdown") == []
    assert screen.texts("code") == []
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Sleep"}
    assert screen.figure["layout"]["annotations"][0]["font"]["size"] > 18


def test_a_projected_run_says_its_sentence_and_no_more() -> None:
    screen = projected("gather").press("run").when_ended()
    assert screen.texts("markdown") == [f"**{escaped(str(screen.sentence))}**"]
    assert screen.folds == []
    assert screen.metrics == {}


def test_one_key_projects_a_page_and_shows_it_as_usual_again() -> None:
    screen = projected("compare").press("projector")
    assert "projector" not in dict(screen.at.query_params)
    assert screen.texts("title") != []
    screen.press("projector")
    assert dict(screen.at.query_params)["projector"] == "on"
    assert screen.texts("title") == []
