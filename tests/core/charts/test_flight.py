from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.metrics import time_per_state_ns
from core.charts import flight
from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.collected import Sheet
from core.charts.kinds import BLOCKING, CONNECTING, KINDS
from core.charts.plot import Plot
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State, Timeline
from tests.core.charts.large import random_runs
from tests.core.handmade import MS, timeline


def drawn(found: flight.Flight, run: Timeline | None) -> list[Sheet]:
    sheets = []
    for section in flight.sections(found, run):
        plot = Plot(sheet=Sheet(), axis=TimeAxis(end_ns=found.bins.end_ns), x="x", y="y")
        plot.sheet.layout["yaxis"] = {}
        section.draw(plot)
        sheets.append(plot.sheet)
    return sheets


@given(random_runs(), st.integers(1, 500))
def test_the_picture_holds_the_time_per_state_of_the_timeline(run: Timeline, most: int) -> None:
    bins = Bins.over(0, run.end_ns, most)
    stacks = [
        trace
        for sheet in drawn(flight.flight(run.spec, run, bins), run)
        for trace in sheet.traces
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
    found = flight.flight(run.spec, run, bins)
    spans = run.spans
    inside = np.minimum(spans.end_ns, bins.end_ns) - np.maximum(spans.start_ns, bins.start_ns)
    assert found.jobs.sum() * bins.width_ns == pytest.approx(np.maximum(inside, 0).sum(), rel=1e-9)


def test_jobs_in_a_queue_have_a_plot_of_their_own_with_a_scale_of_its_own() -> None:
    spans = [(job, State.QUEUED, 0, 10) for job in range(40)]
    run = timeline(*spans, (40, State.WORKING, 0, 10), wall_ms=10)
    first, second = drawn(flight.flight(run.spec, run, Bins.over(0, run.end_ns, 5)), run)
    assert [trace["name"] for trace in second.traces if "stackgroup" in trace] == ["queued"]
    assert second.layout["yaxis"]["ticktext"] == ["40"]
    assert "queued" not in [trace.get("name") for trace in first.traces]


def test_a_run_yet_to_come_shows_how_many_jobs_are_in_flight_ideally() -> None:
    spec = RunSpec(pattern="gather", tasks=3_000, sleep_s=0.2)
    found = flight.flight(spec, None, Bins.over(0, 200 * MS, 4))
    assert found.ideal.tolist() == [3_000] * 4
    (sheet,) = drawn(found, None)
    line, read = sheet.traces
    assert line["name"] == "ideal"
    assert read["customdata"].tolist() == [[[3_000]] * 4]
    assert sheet.shapes == []


def test_a_pointer_reads_the_mean_number_of_jobs_in_each_state() -> None:
    run = timeline((0, State.WAITING, 0, 10), (1, State.RUNNING, 5, 6), wall_ms=10)
    (sheet,) = drawn(flight.flight(run.spec, run, Bins.over(0, 10 * MS, 1)), run)
    trace = sheet.traces[-1]
    assert trace["customdata"][0, 0].tolist() == pytest.approx([0.1, 1.0, 2.0])
    assert trace["hovertemplate"] == (
        "jobs on average, for 10.0 ms from here"
        "<br>waiting: %{customdata[1]:,.4~r}<br>running: %{customdata[0]:,.4~r}"
        "<br>in the ideal schedule: %{customdata[2]:,.4~r}<extra></extra>"
    )


def test_a_finished_run_has_a_dashed_line_at_its_end_and_one_under_way_has_none() -> None:
    for finished in (True, False):
        run = timeline((0, State.WAITING, 0, 10), wall_ms=10, finished=finished)
        (sheet,) = drawn(flight.flight(run.spec, run, Bins.over(0, 10 * MS, 5)), run)
        dashed = [shape["x0"] for shape in sheet.shapes if "dash" in shape["line"]]
        assert dashed == ([10.0] if finished else [])


@pytest.mark.parametrize(("before_ms", "texts"), [(0, []), (1, []), (10, ["… start-up 50.0 ms"])])
def test_a_start_up_is_shown_and_named_where_there_is_room(
    before_ms: int, texts: list[str]
) -> None:
    run = replace(timeline((0, State.WAITING, 0, 100), wall_ms=100), startup_ns=50 * MS)
    axis = TimeAxis(end_ns=100 * MS, before_ns=before_ms * MS)
    plot = Plot(sheet=Sheet(), axis=axis, x="x", y="y")
    plot.sheet.layout["yaxis"] = {}
    found = flight.flight(run.spec, run, Bins.over(0, run.end_ns, 5))
    flight.sections(found, run)[0].draw(plot)
    shaded = [shape["x0"] for shape in plot.sheet.shapes if shape["type"] == "rect"]
    assert shaded == ([-before_ms] if before_ms else [])
    assert [note["text"] for note in plot.sheet.annotations] == texts


def test_all_kinds_but_the_queued_are_stacked() -> None:
    assert {*flight.FROM_BOTTOM, State.QUEUED} == set(range(KINDS))
    assert {BLOCKING, CONNECTING} < set(flight.FROM_BOTTOM)
