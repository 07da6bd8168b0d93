"""The style of pages: what it must know of what is drawn."""

from contextvars import copy_context

import pytest

from core.analysis.span_classes import span_classes
from core.charts.layout import spare_lines
from core.charts.palette import marks
from core.text.language import _, speak
from tests.pages.screen import ROOT

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
