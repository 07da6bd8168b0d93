import re
from collections.abc import Callable

import plotly.graph_objects as go
import pytest

from core.analysis.span_classes import span_classes
from core.charts.panel import Panel
from core.charts.strips import STRIPS
from core.charts.style import (
    GUESS_RANK,
    HEIGHT_FACTOR,
    IDEAL_RANK,
    LEAST_TEXT_PX,
    MARKS_RANK,
    ON_DARK_PAPER,
    ON_LIGHT_PAPER,
    TEXT_FACTOR,
    Style,
)
from core.timeline.timeline import State
from tests.core.charts.figures import dense, exact
from tests.kit.handmade import timeline

RUN = timeline((0, State.WAITING, 0, 9), (0, State.RUNNING, 9, 10), wall_ms=10, steps_ms=[(9, 10)])
PANEL = Panel(spec=RUN.spec, title="<b>gather</b>", timeline=RUN)
IN_A_HALL = Style(ink="#000000", is_projected=True)


def sizes_of(figure: go.Figure) -> list[float]:
    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)  # it has sizes that are not of texts
    return [float(size) for size in re.findall(r"'size': ([\d.]+)", repr(layout))]


@pytest.mark.parametrize("draw", [exact, dense])
def test_no_text_of_a_projected_chart_is_too_small_and_none_is_enlarged_twice(
    draw: Callable[..., go.Figure],
) -> None:
    usual = draw([PANEL, PANEL], strips=list(STRIPS), style=Style(ink="#000000"))
    figure = draw([PANEL, PANEL], strips=list(STRIPS), style=IN_A_HALL)
    sizes = sizes_of(figure)
    assert len(sizes) > 5
    assert min(sizes) >= LEAST_TEXT_PX
    assert max(sizes) == pytest.approx(max(sizes_of(usual)) * TEXT_FACTOR)


def test_the_small_lines_of_a_title_are_large_enough_in_a_hall() -> None:
    assert f"font-size:{LEAST_TEXT_PX}px" in IN_A_HALL.small("5 tasks")
    assert "font-size:12px" in Style().small("5 tasks")


def test_the_texts_in_bars_are_large_enough_when_projected() -> None:
    figure = exact([PANEL], style=IN_A_HALL)
    bars = [bar for bar in figure.select_traces({"type": "bar"}) if bar.text]
    assert bars
    assert min(bar.textfont.size for bar in bars) >= LEAST_TEXT_PX


@pytest.mark.parametrize("draw", [exact, dense])
def test_a_projected_chart_is_higher_all_over(draw: Callable[..., go.Figure]) -> None:
    usual, figure = draw([PANEL]).layout, draw([PANEL], style=IN_A_HALL).layout
    assert figure.height == round(usual.height * HEIGHT_FACTOR)
    assert figure.margin.t == round(usual.margin.t * HEIGHT_FACTOR)
    assert figure.margin.l == round(usual.margin.l * TEXT_FACTOR)


def test_a_bar_that_is_too_low_for_the_larger_text_has_none() -> None:
    heights = 13.4, 13.5, 15.4, 15.5
    assert [Style().holds_text(each) for each in heights] == [False, True, True, True]
    assert [IN_A_HALL.holds_text(each) for each in heights] == [False, False, False, True]


@pytest.mark.parametrize(
    ("ink", "line", "paper"),
    [
        (None, "#1A1A1A", ON_LIGHT_PAPER),
        ("#31333F", "#31333F", ON_LIGHT_PAPER),
        ("#FAFAFA", "#FAFAFA", ON_DARK_PAPER),
    ],
)
def test_the_paper_is_the_other_of_the_ink(ink: str | None, line: str, paper: str) -> None:
    assert (Style(ink=ink).line_ink, Style(ink=ink).paper) == (line, paper)


def test_in_a_legend_the_ideal_is_before_the_spans_and_marks_and_guesses_are_after() -> None:
    ranks = sorted(each.rank for each in span_classes().values())
    assert IDEAL_RANK < ranks[0] <= ranks[-1] < MARKS_RANK < GUESS_RANK
