from dataclasses import replace

import plotly.graph_objects as go

from core.charts.axis import TimeAxis
from core.charts.stack import Row, stacked
from core.charts.startup import MOST_SHARE, draw, shown_ns
from core.timeline.timeline import Timeline
from tests.core.handmade import MS, timeline


def started(startup_ms: float) -> Timeline:
    return replace(timeline(wall_ms=100), startup_ns=round(startup_ms * MS))


def drawn(run: Timeline) -> go.Figure:
    before_ns = shown_ns(run, run.end_ns)
    (plot,) = stacked([Row(height_px=60)], TimeAxis(end_ns=run.end_ns, before_ns=before_ns))
    draw(plot, run)
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
    assert shown_ns(None, 100 * MS) == shown_ns(started(0.9), 100 * MS) == 0
    assert not drawn(started(0)).layout.shapes


def test_the_axis_shows_the_time_before_the_start() -> None:
    first, last = TimeAxis(end_ns=100 * MS, before_ns=10 * MS).range
    assert first < -10 < 100 < last
