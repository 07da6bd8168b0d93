""

from itertools import pairwise

import plotly.graph_objects as go
import pytest

from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.figure import Plot
from core.charts.layout import (
    AROUND_PX,
    BOTTOM_PX,
    LEAST_GUTTER_PX,
    LINE_PX,
    TITLE_PX,
    TOP_PX,
    Group,
    Row,
    Section,
    as_text,
    gutter_px,
    legend_layout,
    legend_px,
    more_room_px,
    place_above,
    spare_lines,
    stacked,
)
from core.text.numbers import NS_PER_MS, NS_PER_S
from tests.core.charts.figures import laid_out, places_of
from tests.kit.handmade import MS

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


def test_a_short_legend_needs_no_more_room_and_a_long_one_does() -> None:
    assert more_room_px(["ideal"]) == 0
    assert more_room_px(["waiting for a connection"] * 6) > 0


def test_names_that_do_not_fit_beside_one_another_on_a_phone_take_more_lines() -> None:
    one, two = LINE_PX + AROUND_PX, 2 * LINE_PX + AROUND_PX
    assert [legend_px(["ideal"] * count) for count in (0, 1, 3, 4)] == [0, one, one, two]


def test_of_the_lines_on_a_phone_those_that_a_laptop_does_not_need_are_spare() -> None:
    assert [spare_lines(["ideal"] * count) for count in (0, 3, 4, 9)] == [0, 0, 1, 1]


def test_the_legend_stands_above_the_chart_in_the_font_given() -> None:
    assert legend_layout({"size": 9})["font"] == {"size": 9}
    assert legend_layout({})["yref"] == "container"


def test_the_legend_ends_where_the_first_title_may_begin() -> None:
    place = place_above(top_px=50, height_px=400)
    assert (place["yanchor"], place["y"]) == ("bottom", 1 - 50 / 400)


def test_without_names_there_is_the_least_room() -> None:
    assert gutter_px([], 13) == LEAST_GUTTER_PX
    assert (
        gutter_px([{"ticktext": ["hidden"], "showticklabels": False}, {"title": {}}], 13)
        == LEAST_GUTTER_PX
    )


def test_the_widest_axis_decides() -> None:
    short, long = {"ticktext": ["1", "100"]}, {"ticktext": ["event loop"]}
    assert gutter_px([short, long], 13) == gutter_px([long], 13) > gutter_px([short], 13)


def test_a_title_needs_a_line_more() -> None:
    names = {"ticktext": ["100"]}
    assert gutter_px([names | {"title": {"text": "jobs"}}], 13) > gutter_px([names], 13) + 13


def test_korean_letters_are_wider_and_larger_letters_too() -> None:
    assert gutter_px([{"ticktext": ["\uc774\ubca4\ud2b8"]}], 13) > gutter_px(
        [{"ticktext": ["abc"]}], 13
    )
    assert gutter_px([{"ticktext": ["abc"]}], 26) > gutter_px([{"ticktext": ["abc"]}], 13)


def line(plot: Plot) -> None:
    plot.add({"type": "scatter", "y": [1]} | plot.in_legend("a line", 3))


def noted(plot: Plot) -> None:
    plot.note_jobs(range(10, 15))


SHORT = Group(
    sections=[
        Section(height_px=100, draw=line, gap_px=50, title="first"),
        Section(height_px=40, draw=line, gap_px=10),
    ],
    axis=TimeAxis(end_ns=100 * MS),
)
LONG = Group(sections=[Section(height_px=200, draw=noted)], axis=TimeAxis(end_ns=9_000 * MS))


def test_sections_stand_below_one_another_as_high_as_they_ask_for() -> None:
    layout = laid_out([SHORT, LONG], None).layout
    inner = layout.height - layout.margin.t - layout.margin.b
    heights = [
        (axis.domain[1] - axis.domain[0]) * inner
        for axis in (layout.yaxis, layout.yaxis2, layout.yaxis3)
    ]
    assert heights == pytest.approx([100, 40, 200])
    assert layout.yaxis.domain[0] > layout.yaxis2.domain[1] > layout.yaxis3.domain[1]


def test_the_sections_of_a_group_share_its_time_axis_and_groups_have_their_own() -> None:
    figure = laid_out([SHORT, LONG], None)
    assert [(trace.xaxis, trace.yaxis) for trace in figure.data] == [("x", "y"), ("x", "y2")]
    assert figure.layout.xaxis.ticksuffix == " ms"
    assert figure.layout.xaxis2.ticksuffix == " s"
    assert figure.layout.yaxis3.anchor == "x2"


def test_a_box_drawn_in_an_area_is_understood() -> None:
    assert places_of(laid_out([SHORT, LONG], None)) == {
        "x y": Place(unit_ns=NS_PER_MS),
        "x y2": Place(unit_ns=NS_PER_MS),
        "x2 y3": Place(unit_ns=NS_PER_S, first_job=10, jobs=5),
    }


def test_a_name_is_in_the_legend_once() -> None:
    assert [trace.showlegend for trace in laid_out([SHORT], None).data] == [True, False]


def test_ink_colours_all_text_and_its_absence_leaves_it_to_the_page() -> None:
    for ink in ("#123456", None):
        layout = laid_out([SHORT], ink).layout
        assert layout.xaxis.tickfont.color == layout.legend.font.color == ink
        assert [note.font.color for note in layout.annotations] == [ink]
