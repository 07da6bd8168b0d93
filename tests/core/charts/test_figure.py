import base64
import json
import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.io import to_json

from core.analysis.span_classes import end_marks, span_classes
from core.charts import chart
from core.charts.axis import PlotAxes, TimeAxis
from core.charts.figure import (
    GUESS_RANK,
    HEIGHT_FACTOR,
    IDEAL_RANK,
    LEAST_TEXT_PX,
    MARKS_RANK,
    ON_DARK_PAPER,
    ON_LIGHT_PAPER,
    QUIET,
    TEXT_FACTOR,
    USUAL,
    FigureParts,
    Plot,
    Style,
    axis_key,
    axis_name,
)
from core.charts.layout import HALL_PX
from core.charts.panel import Panel
from core.charts.strips import STRIPS
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_MS
from core.timeline.timeline import Outcome, State
from tests.core.charts.figures import dense, exact, plot_on
from tests.kit.handmade import MS, timeline

RUN = timeline((0, State.WAITING, 0, 9), (0, State.RUNNING, 9, 10), wall_ms=10, steps_ms=[(9, 10)])
PANEL = Panel(program=RUN.program, title="<b>gather</b>", timeline=RUN)
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
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_a_hall_sees_any_number_of_runs_without_scrolling(
    draw: Callable[..., go.Figure], count: int
) -> None:
    figure = draw([PANEL] * count, strips=list(STRIPS), style=IN_A_HALL).layout
    plots_px = figure.height - figure.margin.t - figure.margin.b
    assert plots_px <= HALL_PX * HEIGHT_FACTOR + 1
    domains = sorted(figure[axis].domain for axis in figure if re.match(r"yaxis\d*$", axis))
    assert all(lower[1] <= upper[0] for lower, upper in pairwise(domains))
    assert min(top - bottom for bottom, top in domains) * plots_px >= 10


def test_a_projected_chart_is_higher_all_over() -> None:
    usual, figure = exact([PANEL]).layout, exact([PANEL], style=IN_A_HALL).layout
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


def test_settings_that_parts_share_are_parted_in_the_figure() -> None:
    font = {"size": 10}
    parts = FigureParts(layout={"xaxis": {"tickfont": font}, "yaxis": {"tickfont": font}})
    figure = parts.figure()
    figure.layout.xaxis.tickfont.size = 20
    assert figure.layout.yaxis.tickfont.size == font["size"] == 10


def test_axes_are_numbered_from_the_second_on() -> None:
    names = [axis_name("y", number) for number in (1, 2)]
    assert names == ["y", "y2"]
    assert [axis_key(name) for name in names] == ["yaxis", "yaxis2"]


def test_a_page_gets_the_data_of_the_figure_without_a_template() -> None:
    spec = RunSpec(pattern="gather", tasks=3, sleep_s=0.1)
    parts = chart.draw([Panel(program=spec, title="to come")])
    shown, whole = json.loads(to_json(parts.plain_figure())), json.loads(to_json(parts.figure()))
    del whole["layout"]["template"]
    assert shown["layout"] == whole["layout"]
    (bars,), (same,) = shown["data"], parts.figure().data
    assert bars["name"] == same.name
    assert [bars[each] for each in "xy"] == [same.x.tolist(), same.y.tolist()]


@pytest.mark.parametrize("kind", ["int64", "float64", "uint8", "float32", "int32"])
@pytest.mark.parametrize("shape", [(100,), (10, 20), (5, 6, 7)])
def test_long_columns_are_sent_as_typed_arrays_of_the_same_numbers(
    kind: str, shape: tuple[int, ...]
) -> None:
    numbers = np.arange(np.prod(shape)).reshape(shape).astype(kind) % 250
    (sent,) = json.loads(to_json(FigureParts(traces=[{"z": numbers}]).plain_figure()))["data"]
    typed = sent["z"]
    read = np.frombuffer(base64.b64decode(typed["bdata"]), dtype=typed["dtype"])
    assert (read.reshape(shape) == numbers).all()
    assert typed.get("shape") == (None if len(shape) == 1 else ", ".join(map(str, shape)))


def test_short_columns_and_texts_are_sent_as_lists() -> None:
    columns = {"x": np.array([1, 2]), "text": np.array(["a"] * 100, dtype=object)}
    (sent,) = json.loads(to_json(FigureParts(traces=[columns]).plain_figure()))["data"]
    assert sent == {"x": [1, 2], "text": ["a"] * 100}


def fresh() -> Plot:
    return Plot(parts=FigureParts(), axis=TimeAxis(end_ns=5 * MS), x="x", y="y2")


def test_what_is_drawn_stands_at_the_axes_of_the_plot() -> None:
    plot = fresh()
    plot.add({"type": "bar"})
    plot.shape(type="line", x0=1, x1=1)
    plot.note(text="at a value", x=1, y=2)
    plot.note_at_share(text="in the middle", x=1, y=0.5)
    plot.image(source="a picture")
    (trace,), (line,), (image,) = plot.parts.traces, plot.parts.shapes, plot.parts.images
    assert (trace["xaxis"], trace["yaxis"]) == ("x", "y2")
    assert (line["xref"], line["yref"], line["y0"], line["y1"]) == ("x", "y2 domain", 0, 1)
    assert [note["yref"] for note in plot.parts.annotations] == ["y2", "y2 domain"]
    assert image["layer"] == "below"


def test_the_legend_names_once_what_several_traces_share() -> None:
    plot = fresh()
    assert plot.in_legend("shown", 3)["showlegend"]
    assert not plot.in_legend("shown", 3)["showlegend"]
    assert plot.parts.named == {"shown": 3}


def test_a_box_in_the_plot_is_told_which_jobs_its_rows_are() -> None:
    plot = fresh()
    plot.note_jobs(range(10, 15))
    assert plot.parts.axes == {"x y2": PlotAxes(unit_ns=NS_PER_MS, first_job=10, jobs=5)}


def test_a_box_in_a_plot_where_jobs_are_missing_is_told_their_numbers() -> None:
    plot = fresh()
    plot.note_jobs([0, 1, 7])
    (axes,) = plot.parts.axes.values()
    assert [axes.number_of(row) for row in range(3)] == [0, 1, 7]


def test_the_style_is_that_of_the_figure() -> None:
    style = Style(ink="#123456")
    assert fresh().style == USUAL
    assert plot_on(TimeAxis(end_ns=1), style).style == style


@pytest.mark.parametrize(("ink", "is_dark"), [(None, False), ("#31333F", False), ("#FAFAFA", True)])
def test_a_style_gives_each_class_and_each_ideal_the_colours_of_its_page(
    ink: str | None, is_dark: bool
) -> None:
    style, look = Style(ink=ink), span_classes()[State.RUNNING]
    assert style.colour(look) == (look.dark_colour if is_dark else look.colour)
    assert style.text_colour(look) == (look.dark_text_colour if is_dark else look.text_colour)
    assert (style.ideal_line == QUIET) is not is_dark
    failed = end_marks()[Outcome.FAILED]
    assert style.colour(failed) == failed.colour
