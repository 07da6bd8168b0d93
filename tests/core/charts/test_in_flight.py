from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.metrics import InFlight, time_per_state_ns
from core.analysis.span_classes import BLOCKING
from core.charts.axis import TimeAxis
from core.charts.density import Bins
from core.charts.figure import FigureParts, Plot
from core.charts.in_flight import (
    MAX_POINTS,
    JobsByClass,
    add_hover,
    add_stack,
    curves,
    held,
    jobs_by_class,
    numbers_in_view,
    thinned,
)
from core.charts.panel import Panel
from core.charts.strips import Strip
from core.spec.ideal import ideal_of
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State, Timeline
from tests.core.charts.figures import plot_on, strip_of
from tests.kit.handmade import MS, timeline
from tests.kit.large import random_runs

SPEC = RunSpec(pattern="gather", tasks=1, sleep_s=0.01)
BINS = Bins.over(10 * MS, 40 * MS, 3)
VALUES = np.array([1.0, 2.0, 4.0])


def area() -> Plot:
    axis = TimeAxis(start_ns=10 * MS, end_ns=40 * MS)
    return Plot(parts=FigureParts(), axis=axis, x="x2", y="y3")


def test_a_value_holds_over_the_whole_of_its_bin() -> None:
    line = held(area(), BINS, VALUES)
    assert (line["x0"], line["dx"], line["y"].tolist()) == (10, 10, [1, 2, 4, 4])


def test_classes_are_stacked_in_the_order_given_and_named_once() -> None:
    where = area()
    add_stack(where, BINS, {int(State.RUNNING): VALUES, BLOCKING: VALUES})
    add_stack(where, BINS, {BLOCKING: VALUES})
    names = [(trace["name"], trace["showlegend"]) for trace in where.parts.traces]
    assert names == [("running", True), ("blocking", True), ("blocking", False)]
    assert {(trace["xaxis"], trace["yaxis"]) for trace in where.parts.traces} == {("x2", "y3")}


def test_a_pointer_reads_all_numbers_of_a_bin_at_any_height_of_it() -> None:
    where = area()
    add_hover(where, BINS, 6.0, numbers=[VALUES, VALUES * 10], template="%{customdata[1]}")
    (trace,) = where.parts.traces
    assert trace["customdata"].tolist() == [[[1, 10], [2, 20], [4, 40]]]
    assert (trace["x0"], trace["dx"], trace["z"].shape) == (15, 10, (1, 3))
    assert (trace["y0"] - trace["dy"] / 2, trace["y0"] + trace["dy"] / 2) == (0, 6)
    assert trace["hovertemplate"] == "%{customdata[1]}<extra></extra>"


def drawn(found: JobsByClass, run: Timeline | None) -> list[FigureParts]:
    figures = []
    for section in curves(found, Panel(program=SPEC, title="a run", timeline=run)):
        plot = Plot(parts=FigureParts(), axis=TimeAxis(end_ns=found.bins.end_ns), x="x", y="y")
        plot.parts.layout["yaxis"] = {}
        section.draw(plot)
        figures.append(plot.parts)
    return figures


@given(random_runs(), st.integers(1, 500))
def test_the_picture_holds_the_time_per_state_of_the_timeline(run: Timeline, most: int) -> None:
    bins = Bins.over(0, run.end_ns, most)
    stacks = [
        trace
        for parts in drawn(jobs_by_class(ideal_of(run.program), run, bins), run)
        for trace in parts.traces
        if "stackgroup" in trace
    ]
    shown = dict.fromkeys([state.name.lower() for state in State], 0.0)
    for trace in stacks:
        name = "running" if trace["name"] == "blocking" else trace["name"]
        shown[name] += float(trace["y"][:-1].sum()) * trace["dx"] * MS
    recorded = {state.name.lower(): ns for state, ns in time_per_state_ns(run).items()}
    assert shown == pytest.approx(recorded, rel=1e-9)


@given(random_runs(), st.integers(0, 100), st.integers(1, 100))
def test_a_window_holds_what_of_the_time_lies_in_it(run: Timeline, start: int, length: int) -> None:
    bins = Bins.over(start * MS, (start + length) * MS, 7)
    found = jobs_by_class(ideal_of(run.program), run, bins)
    spans = run.spans
    inside = np.minimum(spans.end_ns, bins.end_ns) - np.maximum(spans.start_ns, bins.start_ns)
    assert found.jobs.sum() * bins.width_ns == pytest.approx(np.maximum(inside, 0).sum(), rel=1e-9)


def test_jobs_in_a_queue_have_a_plot_of_their_own_with_a_scale_of_its_own() -> None:
    spans = [(job, State.QUEUED, 0, 10) for job in range(40)]
    run = timeline(*spans, (40, State.WORKING, 0, 10), wall_ms=10)
    first, second = drawn(
        jobs_by_class(ideal_of(run.program), run, Bins.over(0, run.end_ns, 5)), run
    )
    assert [trace["name"] for trace in second.traces if "stackgroup" in trace] == ["queued"]
    assert second.layout["yaxis"]["ticktext"] == ["40"]
    assert "queued" not in [trace.get("name") for trace in first.traces]


def test_a_run_yet_to_come_shows_how_many_jobs_are_in_flight_ideally() -> None:
    spec = RunSpec(pattern="gather", tasks=3_000, sleep_s=0.2)
    found = jobs_by_class(ideal_of(spec), None, Bins.over(0, 200 * MS, 4))
    assert found.ideal.tolist() == [3_000] * 4
    (parts,) = drawn(found, None)
    line, read = parts.traces
    assert line["name"] == "ideal"
    assert read["customdata"].tolist() == [[[3_000]] * 4]
    assert parts.shapes == []


def test_a_pointer_reads_the_mean_number_of_jobs_in_each_state() -> None:
    run = timeline((0, State.WAITING, 0, 10), (1, State.RUNNING, 5, 6), wall_ms=10)
    (parts,) = drawn(jobs_by_class(ideal_of(run.program), run, Bins.over(0, 10 * MS, 1)), run)
    trace = parts.traces[-1]
    assert trace["customdata"][0, 0].tolist() == pytest.approx([0.1, 1.0, 2.0])
    assert trace["hovertemplate"] == (
        "jobs on average, for 10.0 ms from here"
        "<br>waiting: %{customdata[1]:,.4~r}<br>running: %{customdata[0]:,.4~r}"
        "<br>in the ideal schedule: %{customdata[2]:,.4~r}<extra></extra>"
    )


def test_a_finished_run_has_a_dashed_line_at_its_end_and_one_under_way_has_none() -> None:
    for finished in (True, False):
        run = timeline((0, State.WAITING, 0, 10), wall_ms=10, finished=finished)
        (parts,) = drawn(jobs_by_class(ideal_of(run.program), run, Bins.over(0, 10 * MS, 5)), run)
        dashed = [
            trace["x"] for trace in parts.traces if trace.get("line", {}).get("dash") == "dash"
        ]
        assert dashed == ([[10.0, 10.0]] if finished else [])


@pytest.mark.parametrize(("before_ms", "texts"), [(0, []), (1, []), (10, ["… start-up 50.0 ms"])])
def test_a_start_up_is_shown_and_named_where_there_is_room(
    before_ms: int, texts: list[str]
) -> None:
    run = replace(timeline((0, State.WAITING, 0, 100), wall_ms=100), startup_ns=50 * MS)
    axis = TimeAxis(end_ns=100 * MS, before_ns=before_ms * MS)
    plot = Plot(parts=FigureParts(), axis=axis, x="x", y="y")
    plot.parts.layout["yaxis"] = {}
    found = jobs_by_class(ideal_of(run.program), run, Bins.over(0, run.end_ns, 5))
    curves(found, Panel(program=SPEC, title="a run", timeline=run))[0].draw(plot)
    shaded = [shape["x0"] for shape in plot.parts.shapes if shape["type"] == "rect"]
    assert shaded == ([-before_ms] if before_ms else [])
    assert [note["text"] for note in plot.parts.annotations] == texts


def strip(run: Timeline) -> go.Figure:
    return strip_of(Strip.FLIGHT, run)


def test_the_line_goes_up_where_a_job_begins_and_down_where_it_ends() -> None:
    run = timeline((0, State.RUNNING, 0, 30), (1, State.RUNNING, 10, 20), wall_ms=30)
    figure = strip(run)
    (trace,) = figure.data
    assert np.asarray(trace.x).tolist() == [0, 10, 20, 30]
    assert np.asarray(trace.y).tolist() == [1, 2, 1, 0]
    assert trace.line.shape == "hv"
    assert figure.layout.yaxis.ticktext == ("2 in flight",)


def test_jobs_that_never_began_are_never_in_flight() -> None:
    figure = strip(timeline((0, State.WAITING, 0, 30), wall_ms=30))
    assert figure.layout.yaxis.ticktext == ("none in flight",)


def test_few_points_are_drawn_as_they_are() -> None:
    flight = InFlight(at_ns=np.array([0, 5]), count=np.array([1, 0]))
    assert thinned(flight, 10) is flight


@given(
    st.integers(MAX_POINTS + 1, 3 * MAX_POINTS), st.integers(0, 2**32 - 1), st.integers(1, 1_000)
)
def test_thinning_keeps_the_peak_and_stays_above_the_numbers(
    points: int, seed: int, apart_ns: int
) -> None:
    steps = np.random.default_rng(seed).choice([-1, 1], points)
    count = np.maximum(np.cumsum(steps), 0)
    flight = InFlight(at_ns=np.arange(len(count)) * apart_ns, count=count)
    few = thinned(flight, int(flight.at_ns[-1]))
    assert len(few.at_ns) == len(few.count) == MAX_POINTS
    assert few.count.max() == count.max()
    shown = few.count[np.searchsorted(few.at_ns, flight.at_ns, side="right") - 1]
    assert (shown >= count).all()


def test_in_view_the_line_begins_with_what_was_in_flight_before_and_ends_with_the_view() -> None:
    flight = InFlight(at_ns=np.array([0, 10, 20, 30]), count=np.array([1, 3, 2, 0]))
    seen = numbers_in_view(flight, TimeAxis(start_ns=15, end_ns=25))
    assert seen.at_ns.tolist() == [15, 20, 25]
    assert seen.count.tolist() == [3, 2, 2]


def test_before_the_first_job_nothing_is_in_flight() -> None:
    flight = InFlight(at_ns=np.array([10, 30]), count=np.array([1, 0]))
    seen = numbers_in_view(flight, TimeAxis(start_ns=5, end_ns=8))
    assert seen.count.tolist() == [0, 0]


def test_a_guess_in_view_is_a_line_over_the_curves() -> None:
    run = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    found = jobs_by_class(ideal_of(run.program), run, Bins.over(0, 10 * MS, 5))
    for guess_ms, names in ((8, ["your guess"]), (30, [])):
        panel = Panel(program=run.program, title="a run", timeline=run, guess_ns=guess_ms * MS)
        plot = plot_on(TimeAxis(start_ns=0, end_ns=10 * MS))
        curves(found, panel)[0].draw(plot)
        assert [
            each["name"]
            for each in plot.parts.traces
            if each["type"] == "scatter" and "marker" in each
        ] == names
