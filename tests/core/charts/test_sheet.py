import pytest

from core.charts.axis import TimeAxis
from core.charts.boxes import Place, places_of
from core.charts.plot import Plot
from core.charts.sheet import Group, Section
from core.text.numbers import NS_PER_MS, NS_PER_S
from tests.core.charts.figures import laid_out
from tests.core.handmade import MS


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
