from itertools import pairwise

import plotly.graph_objects as go
import pytest

from core.charts.axis import TimeAxis
from core.charts.stack import BOTTOM_PX, TITLE_PX, TOP_PX, Row, as_text, stacked
from core.text.numbers import NS_PER_MS

AXIS = TimeAxis(end_ns=100 * NS_PER_MS)


def domains(figure: go.Figure) -> list[tuple[float, float]]:
    return [tuple(axis.domain) for axis in figure.select_yaxes()]


def test_each_row_has_the_height_that_it_asks_for_in_pixels() -> None:
    plots = stacked([Row(height_px=120, title="a"), Row(height_px=300, title="b")], AXIS)
    figure = plots[0].sheet.figure()
    total_px = figure.layout.height - TOP_PX - BOTTOM_PX
    heights = [(top - bottom) * total_px for bottom, top in domains(figure)]
    assert heights == pytest.approx([120, 300])
    assert total_px == 120 + TITLE_PX + 300


def test_rows_stand_from_top_to_bottom_with_room_for_titles_and_fill_the_figure() -> None:
    rows = [Row(height_px=60, title="a"), Row(height_px=28, is_strip=True), Row(height_px=60)]
    above, strip, below = domains(stacked(rows, AXIS)[0].sheet.figure())
    assert above[1] == pytest.approx(1)
    assert above[0] > strip[1] > strip[0] > below[1]
    assert below[0] == pytest.approx(0)
    assert above[0] - strip[1] < strip[0] - below[1]


@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_rows_never_leave_the_figure_nor_overlap(count: int) -> None:
    found = domains(stacked([Row(height_px=61.3)] * count, AXIS)[0].sheet.figure())
    assert all(0 <= bottom < top <= 1 for bottom, top in found)
    assert all(below[1] < above[0] for above, below in pairwise(found))


def test_a_title_stands_above_its_own_row() -> None:
    rows = [Row(height_px=60, title="one"), Row(height_px=60), Row(height_px=60, title="three")]
    figure = stacked(rows, AXIS)[0].sheet.figure()
    tops = [top for _, top in domains(figure)]
    assert [(note.text, note.y) for note in figure.layout.annotations] == [
        ("one", pytest.approx(tops[0])),
        ("three", pytest.approx(tops[2])),
    ]


def test_all_rows_share_one_time_axis() -> None:
    figure = stacked([Row(height_px=60)] * 3, AXIS)[0].sheet.figure()
    assert [axis.matches for axis in figure.select_xaxes()].count(None) == 1


def test_a_plot_draws_into_its_own_row() -> None:
    plots = stacked([Row(height_px=60)] * 2, AXIS)
    plots[1].add({"type": "bar", "x": [1], "y": [0], "name": "lower"})
    plots[1].update_y(range=[0, 7])
    figure = plots[0].sheet.figure()
    assert figure.data[0].yaxis == "y2"
    assert figure.layout.yaxis2.range == (0, 7)
    assert figure.layout.yaxis.range is None


def test_markup_in_a_text_is_shown_and_quotes_stay_as_they_are() -> None:
    """Plotly knows only a few entities: of a quote it would show the entity itself."""
    assert as_text("""<b>"Tom" & 'Jerry'</b>""") == """&lt;b&gt;"Tom" &amp; 'Jerry'&lt;/b&gt;"""
