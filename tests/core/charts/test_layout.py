from itertools import pairwise

import plotly.graph_objects as go
import pytest

from core.charts.axis import PlotAxes, TimeAxis
from core.charts.figure import USUAL, Plot, Style
from core.charts.layout import (
    AROUND_PX,
    AXIS_NUMBERS_PX,
    BETWEEN_RUNS_PX,
    LEAST_GUTTER_PX,
    LINE_PX,
    TITLE_PX,
    Group,
    Section,
    as_text,
    gutter_px,
    legend_layout,
    legend_px,
    place_above,
    spare_lines,
)
from core.text.language import NS_PER_MS, NS_PER_S
from tests.core.charts.figures import axes_of, laid_out
from tests.kit.handmade import MS


def test_markup_in_a_text_is_shown_and_quotes_stay_as_they_are() -> None:
    """Plotly knows only a few entities: of a quote it would show the entity itself."""
    assert as_text("""<b>"Tom" & 'Jerry'</b>""") == """&lt;b&gt;"Tom" &amp; 'Jerry'&lt;/b&gt;"""


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


def domains(figure: go.Figure) -> list[tuple[float, float]]:
    return [tuple(axis.domain) for axis in figure.select_yaxes()]


def inner_px(figure: go.Figure) -> float:
    layout = figure.layout
    return float(layout.height - layout.margin.t - layout.margin.b)


def of(*sections: Section) -> list[Group]:
    """Return one group with some sections."""
    return [Group(sections=sections, axis=TimeAxis(end_ns=100 * MS))]


SHORT = Group(
    sections=[
        Section(height_px=100, draw=line, gap_px=50, title="first"),
        Section(height_px=40, draw=line, gap_px=10),
    ],
    axis=TimeAxis(end_ns=100 * MS),
)
LONG = Group(sections=[Section(height_px=200, draw=noted)], axis=TimeAxis(end_ns=9_000 * MS))
ON_ONE_AXIS = pytest.mark.parametrize("on_one_axis", [True, False])


@ON_ONE_AXIS
def test_each_section_has_the_height_that_it_asks_for_in_pixels(*, on_one_axis: bool) -> None:
    figure = laid_out([SHORT, LONG], USUAL, on_one_axis=on_one_axis)
    heights = [(top - bottom) * inner_px(figure) for bottom, top in domains(figure)]
    assert heights == pytest.approx([100, 40, 200])


@ON_ONE_AXIS
def test_sections_stand_from_top_to_bottom_and_fill_the_figure(*, on_one_axis: bool) -> None:
    sections = [
        Section(height_px=60, draw=line, title="a"),
        Section(height_px=28, draw=line),
        Section(height_px=60, draw=line, title="b"),
    ]
    above, strip, below = domains(laid_out(of(*sections), USUAL, on_one_axis=on_one_axis))
    assert above[1] == pytest.approx(1)
    assert above[0] > strip[1] > strip[0] > below[1]
    assert below[0] == pytest.approx(0)
    assert above[0] - strip[1] < strip[0] - below[1]


@ON_ONE_AXIS
@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_sections_never_leave_the_figure_nor_overlap(count: int, *, on_one_axis: bool) -> None:
    section = Section(height_px=61.3, draw=line)
    found = domains(laid_out(of(*[section] * count), USUAL, on_one_axis=on_one_axis))
    assert all(0 <= bottom < top <= 1 for bottom, top in found)
    assert all(below[1] < above[0] for above, below in pairwise(found))


@ON_ONE_AXIS
def test_a_title_stands_above_its_own_section(*, on_one_axis: bool) -> None:
    titles = ["one", "", "three"]
    sections = [Section(height_px=60, draw=line, title=title) for title in titles]
    figure = laid_out(of(*sections), USUAL, on_one_axis=on_one_axis)
    tops = [top for _, top in domains(figure)]
    assert [(note.text, note.y) for note in figure.layout.annotations] == [
        ("one", pytest.approx(tops[0])),
        ("three", pytest.approx(tops[2])),
    ]


@pytest.mark.parametrize("style", [USUAL, Style(is_projected=True)])
def test_titles_begin_at_the_left_edge_however_wide_the_names_of_rows_are(style: Style) -> None:
    def named(plot: Plot) -> None:
        line(plot)
        plot.update_y(ticktext=["a name of a row"])

    sections = [Section(height_px=60, draw=draw, title="a run") for draw in (line, named)]
    layout = laid_out(of(*sections), style, on_one_axis=True).layout
    assert layout.margin.l > LEAST_GUTTER_PX
    assert [note.xshift for note in layout.annotations] == [-layout.margin.l] * 2


def test_runs_on_one_axis_move_together_and_their_numbers_stand_below_the_last() -> None:
    figure = laid_out([SHORT, SHORT, SHORT], USUAL, on_one_axis=True)
    axes = list(figure.select_xaxes())
    assert [axis.matches for axis in axes] == ["x3", "x3", None]
    assert [axis.showticklabels for axis in axes] == [False, False, None]
    assert [axis.title.text for axis in axes] == [None, None, "time since start (ms)"]


def test_runs_with_an_axis_each_have_its_unit_at_its_numbers() -> None:
    figure = laid_out([SHORT, LONG], USUAL, on_one_axis=False)
    assert [axis.ticksuffix for axis in figure.select_xaxes()] == [" ms", " s"]
    assert [axis.matches for axis in figure.select_xaxes()] == [None, None]


@ON_ONE_AXIS
def test_the_sections_of_a_run_share_its_time_axis(*, on_one_axis: bool) -> None:
    figure = laid_out([SHORT, LONG], USUAL, on_one_axis=on_one_axis)
    assert [(trace.xaxis, trace.yaxis) for trace in figure.data] == [
        ("x", "y"),
        ("x", "y2"),
        ("x2", "y3"),
    ]
    assert figure.layout.yaxis3.anchor == "x2"
    assert figure.layout.xaxis.anchor == "y2"


@ON_ONE_AXIS
def test_a_short_legend_has_the_usual_room_and_a_long_one_more(*, on_one_axis: bool) -> None:
    def long(plot: Plot) -> None:
        for number in range(6):
            plot.add({"y": [1]} | plot.in_legend(f"waiting for a connection {number}", 1))

    few, many = (
        laid_out(of(Section(height_px=60, draw=draw, title="a")), USUAL, on_one_axis=on_one_axis)
        for draw in (line, long)
    )
    assert inner_px(few) == inner_px(many)
    more_px = many.layout.margin.t - few.layout.margin.t
    assert more_px == legend_px(["waiting for a connection 1"] * 6) - legend_px(["a line"])


@ON_ONE_AXIS
def test_a_box_drawn_in_a_section_is_understood(*, on_one_axis: bool) -> None:
    assert axes_of(laid_out([SHORT, LONG], USUAL, on_one_axis=on_one_axis)) == {
        "x y": PlotAxes(unit_ns=NS_PER_MS),
        "x y2": PlotAxes(unit_ns=NS_PER_MS),
        "x2 y3": PlotAxes(unit_ns=NS_PER_S, first_job=10, jobs=5),
    }


@ON_ONE_AXIS
def test_a_name_is_in_the_legend_once(*, on_one_axis: bool) -> None:
    figure = laid_out([SHORT], USUAL, on_one_axis=on_one_axis)
    assert [trace.showlegend for trace in figure.data] == [True, False]


@ON_ONE_AXIS
@pytest.mark.parametrize("ink", ["#123456", None])
def test_ink_colours_all_text_and_its_absence_leaves_it_to_the_page(
    ink: str | None, *, on_one_axis: bool
) -> None:
    layout = laid_out([SHORT], Style(ink=ink), on_one_axis=on_one_axis).layout
    assert layout.xaxis.tickfont.color == layout.legend.font.color == ink
    assert [note.font.color for note in layout.annotations] == [ink]


@ON_ONE_AXIS
def test_room_for_the_names_of_rows_is_computed_as_plotly_would_draw_twice(
    *, on_one_axis: bool
) -> None:
    def named(plot: Plot) -> None:
        plot.update_y(ticktext=["a long name of a row"])

    few, many = (
        laid_out(of(Section(height_px=60, draw=draw)), USUAL, on_one_axis=on_one_axis).layout
        for draw in (line, named)
    )
    assert few.margin.l < many.margin.l
    assert (few.yaxis.automargin, many.yaxis.automargin) == (False, False)


def test_a_run_with_an_axis_of_its_own_is_further_from_the_title_below_its_numbers() -> None:
    first, second = (Section(height_px=60, draw=line, title="a<br>b") for _ in range(2))
    shared, own = (
        inner_px(laid_out(of(first, second), USUAL, on_one_axis=one)) for one in (True, False)
    )
    assert own - shared == AXIS_NUMBERS_PX
    assert shared == 2 * 60 + BETWEEN_RUNS_PX + TITLE_PX + LINE_PX


@ON_ONE_AXIS
def test_a_section_without_anything_to_draw_has_a_trace_so_that_its_text_is_shown(
    *, on_one_axis: bool
) -> None:
    """Plotly draws no axis on which no trace stands."""

    def explained(plot: Plot) -> None:
        plot.update_y(tickvals=[0.5], ticktext=["no event loop"])

    sections = Section(height_px=60, draw=line), Section(height_px=28, draw=explained)
    figure = laid_out(of(*sections), USUAL, on_one_axis=on_one_axis)
    assert [(trace.yaxis, trace.showlegend) for trace in figure.data] == [
        ("y", True),
        ("y2", False),
    ]
