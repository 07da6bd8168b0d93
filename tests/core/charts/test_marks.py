from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.axis import TimeAxis
from core.charts.dense_lanes import lane_set_of, rare_events
from core.charts.density import Bins
from core.charts.figure import Plot, Style
from core.charts.lanes import LaneView
from core.charts.marks import (
    MARK_PX,
    MOST_SHARE,
    SMALL_MARK_PX,
    RareEvents,
    add_marks,
    counted,
    draw_beginning,
    draw_end,
    draw_startup,
    marked_and_binned,
    rare_text,
    rug,
    startup_shown_ns,
)
from core.recording.recorder import JobError
from core.timeline.timeline import Outcome, State, Timeline
from tests.core.charts.figures import plot_on
from tests.kit.handmade import MS, timeline
from tests.kit.large import large_run, with_outcomes


def started(startup_ms: float) -> Timeline:
    return replace(timeline(wall_ms=100), startup_ns=round(startup_ms * MS))


def drawn(run: Timeline) -> go.Figure:
    before_ns = startup_shown_ns(run, run.end_ns)
    plot = plot_on(TimeAxis(end_ns=run.end_ns, before_ns=before_ns))
    draw_startup(plot, run)
    return plot.parts.figure()


def test_a_start_up_ends_where_the_run_begins() -> None:
    figure = drawn(started(10))
    (bar,) = figure.layout.shapes
    assert (bar.x0, bar.x1) == (-10, 0)
    assert [note.text for note in figure.layout.annotations] == ["start-up 10.0 ms"]


@pytest.mark.parametrize(("height_px", "is_named"), [(40, False), (105, False), (106, True)])
def test_a_start_up_is_named_where_the_text_has_room_upright(
    height_px: float, is_named: bool
) -> None:
    run = started(10)
    plot = plot_on(TimeAxis(end_ns=run.end_ns, before_ns=startup_shown_ns(run, run.end_ns)))
    plot = replace(plot, height_px=height_px)
    draw_startup(plot, run)
    assert bool(plot.parts.annotations) == is_named
    assert len(plot.parts.shapes) == 1


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
    plot = plot_on(TimeAxis(end_ns=20 * MS, start_ns=start_ns), Style(ink=ink))
    draw_end(plot, run, 3, 0)
    return plot.parts.traces


def test_dashes_stand_on_paper_where_the_pattern_returned() -> None:
    paper, dashes = lines(RUN)
    assert paper["x"] == dashes["x"] == [10, 10]
    assert paper["y"] == dashes["y"] == [3, 0]
    assert "dash" not in paper["line"]
    assert dashes["line"]["dash"] == "dash"


def test_a_run_without_an_end_in_view_has_no_line() -> None:
    assert lines(None) == lines(replace(RUN, finished=False)) == lines(RUN, start_ms=11) == []


@pytest.mark.parametrize("ink", [None, "#31333F", "#FAFAFA"])
def test_the_line_is_drawn_in_the_ink_and_on_the_paper_of_the_style(ink: str | None) -> None:
    style = Style(ink=ink)
    below, dashes = (line["line"]["color"] for line in lines(RUN, ink=ink))
    assert (below, dashes) == (style.paper, style.line_ink)


BAD_ENDS = [outcome for outcome in Outcome if outcome is not Outcome.OK]


def found(run: Timeline, view: LaneView = LaneView.JOBS, most: int = 50) -> list[RareEvents]:
    lanes = lane_set_of(run, view, (0, int(run.jobs.number.max(initial=0))))
    return rare_events(run, lanes, Bins.over(0, run.end_ns, most))


def area(end_ns: int) -> Plot:
    return plot_on(TimeAxis(end_ns=end_ns))


@pytest.mark.parametrize("size_px", [MARK_PX, SMALL_MARK_PX])
@pytest.mark.parametrize("outcome", BAD_ENDS)
def test_the_sign_of_a_bad_end_has_an_extent_in_both_directions(
    outcome: Outcome, size_px: int
) -> None:
    """A bar of two pixels, which the cancelled once had, is lost under a line."""
    (rare,) = found(with_outcomes(large_run(50, at_once=50), outcome, 3))
    where = area(100 * MS)
    add_marks(where, rare, size_px)
    marker = where.parts.traces[0]["marker"]
    assert not marker["symbol"].startswith("line")
    assert marker["size"] >= 8


@pytest.mark.parametrize("outcome", BAD_ENDS)
def test_every_bad_end_is_an_event_where_its_job_ended(outcome: Outcome) -> None:
    run = with_outcomes(large_run(50, at_once=50), outcome, 3)
    (rare,) = found(run)
    assert rare.mark.name == outcome.value
    assert rare.at_ns.tolist() == run.jobs.ended_ns[:3].tolist()
    assert rare.row.tolist() == [0, 1, 2]
    assert rare.text(1) == f"job 2 {outcome}"


def test_ends_of_a_run_under_way_are_not_known_yet() -> None:
    assert found(replace(with_outcomes(large_run(5), Outcome.LOST, 5), finished=False)) == []


def test_every_blocking_span_is_an_event_in_the_row_of_its_job_or_of_the_loop() -> None:
    run = timeline((0, State.WAITING, 0, 5), (1, State.RUNNING, 5, 30), wall_ms=30)
    for view, row in ((LaneView.JOBS, 1), (LaneView.WORKERS, 0)):
        (rare,) = found(run, view)
        assert (rare.mark.name, rare.at_ns.tolist(), rare.row.tolist()) == (
            "blocking",
            [5 * MS],
            [row],
        )
        assert rare.text(0).startswith("job 2: blocking 25.0 ms")


def test_a_blocking_span_that_reaches_into_a_window_is_marked_at_its_edge() -> None:
    run = timeline((0, State.RUNNING, 0, 50), wall_ms=50)
    lanes = lane_set_of(run, LaneView.JOBS, (0, 0))
    (rare,) = rare_events(run, lanes, Bins.over(20 * MS, 30 * MS, 5))
    assert rare.at_ns.tolist() == [20 * MS]
    assert rare_events(run, lanes, Bins.over(60 * MS, 70 * MS, 5)) == []


def test_the_end_of_a_job_in_no_row_stands_at_the_upper_edge() -> None:
    run = timeline(
        (0, State.QUEUED, 0, 9),
        (1, State.WORKING, 0, 9),
        wall_ms=9,
        outcomes={0: Outcome.CANCELLED},
    )
    where = area(run.end_ns)
    (rare,) = found(run)
    add_marks(where, rare)
    assert where.parts.traces[0]["y"].tolist() == [-0.5]


def test_the_rarest_kinds_have_a_mark_for_each_event_and_the_others_are_binned() -> None:
    run = with_outcomes(large_run(200), Outcome.FAILED, 60)
    outcome = (Outcome.CANCELLED,) * 5 + run.jobs.outcome[5:]
    events = found(replace(run, jobs=replace(run.jobs, outcome=outcome)))
    assert [(rare.mark.name, len(rare)) for rare in events] == [("failed", 55), ("cancelled", 5)]
    for most, single, binned in ((300, 2, 0), (60, 2, 0), (59, 1, 1), (4, 0, 2)):
        assert tuple(map(len, marked_and_binned(events, most))) == (single, binned)
    assert marked_and_binned(events, 59)[0][0].mark.name == "cancelled"


@given(st.integers(1, 200), st.integers(0, 300), st.integers(1, 60))
def test_every_event_is_marked_or_counted(failed: int, most: int, bins: int) -> None:
    run = with_outcomes(large_run(200), Outcome.FAILED, failed)
    where = area(run.end_ns)
    single, binned = marked_and_binned(found(run), most)
    for rare in single:
        add_marks(where, rare)
    if binned:
        rug(binned, Bins.over(0, run.end_ns, bins)).draw(where)
    (trace,) = where.parts.traces
    marked = len(trace["x"]) if single else int(trace["customdata"].sum())
    assert marked == failed
    assert len(trace["x"]) <= max(most, bins)


def test_an_event_at_the_very_end_counts_in_the_last_bin() -> None:
    run = timeline((0, State.WAITING, 0, 9), wall_ms=9, outcomes={0: Outcome.FAILED})
    (rare,) = found(run)
    assert counted(rare, Bins.over(0, run.end_ns, 3)).tolist() == [0, 0, 1]


def test_a_rug_names_its_rows_and_says_how_many_there_are() -> None:
    run = with_outcomes(large_run(40, at_once=40), Outcome.FAILED, 40)
    where = area(run.end_ns)
    rug(found(run), Bins.over(0, run.end_ns, 4)).draw(where)
    (trace,) = where.parts.traces
    assert where.parts.layout["yaxis"]["ticktext"] == ["failed"]
    assert trace["hovertemplate"].startswith("%{customdata:,} failed within ")
    assert np.asarray(trace["customdata"]).tolist() == [40]


def test_a_long_message_is_cut_off() -> None:
    error = JobError(kind="ValueError", message="x" * 5_000)
    run = timeline(
        (0, State.WAITING, 0, 9), wall_ms=9, outcomes={0: Outcome.FAILED}, errors={0: error}
    )
    (rare,) = found(run)
    assert len(rare.text(0)) < 130
    assert rare.text(0).endswith("x…")


def test_all_rare_events_are_counted_and_those_in_bins_are_told() -> None:
    run = with_outcomes(large_run(40), Outcome.FAILED, 30)
    lanes = lane_set_of(run, LaneView.JOBS, (0, 39))
    events = rare_events(run, lanes, Bins.over(0, run.end_ns, 5))
    assert rare_text(events, []) == "<b>30 failed</b>"
    assert rare_text([], events) == "<b>30 failed</b>, counted in bins"


def beginning(
    run: Timeline, *, start_ms: int | None = None, end_ms: int = 100
) -> list[dict[str, Any]]:
    start_ns = None if start_ms is None else start_ms * MS
    plot = plot_on(TimeAxis(end_ns=end_ms * MS, start_ns=start_ns))
    draw_beginning(plot, run, 5, 0)
    return plot.parts.traces


@pytest.mark.parametrize(
    ("steps_ms", "said"),
    [
        ([(0, 9), (20, 30)], "the event loop ran other code for 9.00 ms of it"),
        ([], "the event loop ran nothing"),
    ],
)
def test_a_gap_before_the_first_job_is_hatched_and_explained(
    steps_ms: list[tuple[int, int]], said: str
) -> None:
    run = timeline(
        (0, State.WAITING, 10, 90), (1, State.WAITING, 12, 90), wall_ms=100, steps_ms=steps_ms
    )
    (shade,) = beginning(run)
    assert (shade["base"], shade["x"], shade["y"], shade["width"]) == ([0], [10], [2.5], 5)
    assert shade["customdata"] == [f"before the first job: 10.0 ms<br>{said}"]
    assert shade["name"] == "before the first job"


@pytest.mark.parametrize(
    ("first_ms", "end_ms", "shades"), [(0, 100, 0), (4, 1_000, 0), (10, 1_000, 1)]
)
def test_a_gap_is_explained_if_it_is_long_enough_to_be_seen(
    first_ms: int, end_ms: int, shades: int
) -> None:
    run = timeline((0, State.WAITING, first_ms, 90), wall_ms=100)
    assert len(beginning(run, end_ms=end_ms)) == shades


def test_a_window_shows_no_gap_before_the_first_job_nor_does_a_run_without_one() -> None:
    run = timeline((0, State.WAITING, 50, 90), wall_ms=100)
    assert beginning(run, start_ms=20) == []
    assert beginning(timeline(wall_ms=100)) == []
