""

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest

from core.charts.axis import TimeAxis
from core.charts.figure import Plot, Sheet
from core.charts.layout import Row, stacked
from core.charts.startup_and_end import (
    MOST_SHARE,
    ON_DARK_PAPER,
    ON_LIGHT_PAPER,
    draw_end,
    draw_startup,
    startup_shown_ns,
)
from core.timeline.timeline import Timeline
from tests.kit.handmade import MS, timeline


def started(startup_ms: float) -> Timeline:
    return replace(timeline(wall_ms=100), startup_ns=round(startup_ms * MS))


def drawn(run: Timeline) -> go.Figure:
    before_ns = startup_shown_ns(run, run.end_ns)
    (plot,) = stacked([Row(height_px=60)], TimeAxis(end_ns=run.end_ns, before_ns=before_ns))
    draw_startup(plot, run)
    return plot.sheet.figure()


def test_a_start_up_ends_where_the_run_begins() -> None:
    figure = drawn(started(10))
    (bar,) = figure.layout.shapes
    assert (bar.x0, bar.x1) == (-10, 0)
    assert [note.text for note in figure.layout.annotations] == ["start-up 10.0 ms"]


def test_a_long_start_up_is_cut_off_but_named_in_full() -> None:
    figure = drawn(started(2_000))
    (bar,) = figure.layout.shapes
    assert (bar.x0, bar.x1) == (-100 * MOST_SHARE, 0)
    assert [note.text for note in figure.layout.annotations] == ["… start-up 2.00 s"]


def test_no_start_up_worth_telling_is_drawn_as_nothing() -> None:
    assert startup_shown_ns(None, 100 * MS) == startup_shown_ns(started(0.9), 100 * MS) == 0
    assert not drawn(started(0)).layout.shapes


def test_the_axis_shows_the_time_before_the_start() -> None:
    first, last = TimeAxis(end_ns=100 * MS, before_ns=10 * MS).range
    assert first < -10 < 100 < last


RUN = timeline(wall_ms=10)


def lines(
    run: Timeline | None, *, ink: str | None = None, start_ms: int | None = None
) -> list[dict[str, Any]]:
    start_ns = None if start_ms is None else start_ms * MS
    axis = TimeAxis(end_ns=20 * MS, start_ns=start_ns)
    plot = Plot(sheet=Sheet(ink=ink), axis=axis, x="x", y="y")
    draw_end(plot, run)
    return plot.sheet.shapes


def test_dashes_stand_on_paper_where_the_pattern_returned() -> None:
    paper, dashes = lines(RUN)
    assert paper["x0"] == paper["x1"] == dashes["x0"] == dashes["x1"] == 10
    assert "dash" not in paper["line"]
    assert dashes["line"]["dash"] == "dash"


def test_a_run_without_an_end_in_view_has_no_line() -> None:
    assert lines(None) == lines(replace(RUN, finished=False)) == lines(RUN, start_ms=11) == []


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        (None, ON_LIGHT_PAPER),
        ("#31333F", ON_LIGHT_PAPER),
        ("#FAFAFA", ON_DARK_PAPER),
    ],
)
def test_the_paper_is_the_other_of_the_ink(ink: str | None, paper: str) -> None:
    below, dashes = (line["line"]["color"] for line in lines(RUN, ink=ink))
    assert below == paper
    assert dashes == (ink or "#1A1A1A")
