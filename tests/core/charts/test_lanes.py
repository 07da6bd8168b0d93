import html
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core.analysis.findings import never_begun
from core.analysis.span_classes import end_marks, span_classes
from core.charts.axis import TimeAxis, Window
from core.charts.figure import Plot
from core.charts.lanes import (
    Lanes,
    add_bars,
    add_outline,
    job_lanes,
    jobs_in_view,
    span_text,
    worker_lanes,
)
from core.charts.marks import add_ends
from core.recording.events import LaneKind, lane_code
from core.recording.recorder import JobError
from core.spec.ideal import Schedule
from core.text.language import NS_PER_S
from core.timeline.timeline import (
    BLOCKING_NS,
    LOOP,
    NO_CPU_TIME,
    Cause,
    Integers,
    On,
    Outcome,
    State,
    Timeline,
)
from tests.core.charts.figures import intervals, legend, named, names, plot_on
from tests.kit.handmade import MS, Span, timeline

THREADS = [lane_code(LaneKind.THREAD, number) for number in (1, 2)]


def pooled() -> Timeline:
    """Return three jobs on two threads, and one that ran on the loop."""
    spans: list[tuple[Span, int]] = [
        ((0, State.WORKING, 0, 5), THREADS[0]),
        ((1, State.WORKING, 0, 6), THREADS[1]),
        ((2, State.QUEUED, 0, 5), LOOP),
        ((2, State.WORKING, 5, 9), THREADS[0]),
        ((3, State.WAITING, 0, 3), LOOP),
        ((3, State.RUNNING, 3, 4), LOOP),
    ]
    return timeline(*[span for span, _ in spans], wall_ms=9, lanes=[lane for _, lane in spans])


def test_a_row_for_each_job_holds_all_of_its_spans() -> None:
    lanes = job_lanes(jobs_in_view(4, pooled(), None), pooled())
    assert lanes.names == ("job 1", "job 2", "job 3", "job 4")
    assert lanes.spans.tolist() == [0, 1, 2, 3, 4, 5]
    assert lanes.row.tolist() == [0, 1, 2, 2, 3, 3]


def test_jobs_beyond_those_shown_have_no_row_and_no_span() -> None:
    lanes = job_lanes(np.arange(2), pooled())
    assert lanes.names == ("job 1", "job 2")
    assert lanes.spans.tolist() == [0, 1]


def test_a_job_that_is_not_made_yet_has_a_row_between_those_that_are() -> None:
    run = timeline((1, State.RUNNING, 0, 1), (3, State.RUNNING, 1, 2), wall_ms=2)
    lanes = job_lanes(jobs_in_view(5, run, None), run)
    assert lanes.names == ("job 1", "job 2", "job 3", "job 4", "job 5")
    assert lanes.row.tolist() == [1, 3]


def test_copies_of_jobs_have_rows_below_those_foreseen() -> None:
    run = timeline((0, State.RUNNING, 0, 1), (7, State.RUNNING, 1, 2), wall_ms=2)
    lanes = job_lanes(jobs_in_view(2, run, None), run)
    assert (lanes.names, lanes.numbers) == (("job 1", "job 2", "job 8"), (0, 1, 7))
    assert lanes.row.tolist() == [0, 2]


def test_a_window_of_jobs_has_a_row_for_each_of_them_and_no_other() -> None:
    run = timeline((0, State.RUNNING, 0, 1), (3, State.RUNNING, 1, 2), wall_ms=2)
    window = Window(start_ns=0, end_ns=MS * 2, jobs=(1, 3))
    lanes = job_lanes(jobs_in_view(9, run, window), run, window)
    assert (lanes.names, lanes.row.tolist()) == (("job 2", "job 3", "job 4"), [2])


def test_a_row_for_each_worker_and_the_loop_holds_what_they_did() -> None:
    lanes = worker_lanes(np.arange(4), pooled())
    assert lanes.names == ("loop", "thread-1", "thread-2")
    assert lanes.spans.tolist() == [0, 1, 3, 5]
    assert lanes.row.tolist() == [1, 2, 1, 0]


def test_a_worker_that_did_nothing_for_the_jobs_shown_has_no_row() -> None:
    assert worker_lanes(np.arange(1), pooled()).names == ("thread-1",)


@pytest.mark.parametrize("lanes_of", [job_lanes, worker_lanes])
def test_every_view_takes_a_run_without_jobs(
    lanes_of: Callable[[Integers, Timeline], Lanes],
) -> None:
    lanes = lanes_of(np.arange(0), timeline(wall_ms=1))
    assert lanes.names == ()
    assert len(lanes.spans) == len(lanes.row) == 0


def test_chosen_spans_keep_their_rows() -> None:
    lanes = job_lanes(np.arange(4), pooled())
    chosen = lanes.chosen(np.array([False, True, False, True, False, False]))
    assert chosen.names == lanes.names
    assert chosen.spans.tolist() == [1, 3]
    assert chosen.row.tolist() == [1, 2]


HOSTILE = """<b>bold</b> & <script>alert("x")</script> it's"""
BAD_ENDS = [outcome for outcome in Outcome if outcome is not Outcome.OK]
EVERY_STATE = timeline(
    (0, State.QUEUED, 0, 4),
    (0, State.READY, 4, 8),
    (0, State.RUNNING, 8, 12),
    (0, State.WAITING, 12, 16),
    (0, State.WORKING, 16, 20),
    (1, State.WAITING, 0, 5),
    (1, State.RUNNING, 5, 17),
    wall_ms=20,
)


def plot_for(run: Timeline) -> Plot:
    return plot_on(TimeAxis(end_ns=max(run.end_ns, 1)))


def drawn(run: Timeline) -> go.Figure:
    plot = plot_for(run)
    add_bars(plot, run, job_lanes(run.jobs.number, run))
    return plot.parts.figure()


def marked(run: Timeline) -> go.Figure:
    plot = plot_for(run)
    add_ends(plot, run, run.jobs.number.tolist())
    return plot.parts.figure()


def ended_as(outcome: Outcome, *, error: JobError | None = None) -> Timeline:
    spans = (0, State.RUNNING, 0, 1), (1, State.RUNNING, 1, 2), (2, State.RUNNING, 2, 3)
    errors = {1: error} if error else None
    return timeline(*spans, wall_ms=3, outcomes={1: outcome}, errors=errors)


def test_there_is_one_trace_a_state_and_one_for_blocking() -> None:
    assert names(drawn(EVERY_STATE)) == [
        "queued",
        "ready",
        "running",
        "waiting",
        "working",
        "blocking",
    ]


def test_a_state_that_does_not_occur_has_no_trace() -> None:
    assert names(drawn(timeline((0, State.READY, 0, 1), wall_ms=1))) == ["ready"]


@pytest.mark.parametrize(
    ("name", "expected_ms"),
    [
        ("queued", [(0, 0, 4)]),
        ("ready", [(0, 4, 8)]),
        ("running", [(0, 8, 12)]),
        ("waiting", [(0, 12, 16), (1, 0, 5)]),
        ("working", [(0, 16, 20)]),
        ("blocking", [(1, 5, 17)]),
    ],
)
def test_each_bar_stands_in_its_job_s_row_from_start_to_end(
    name: str, expected_ms: list[tuple[int, int, int]]
) -> None:
    expected = [(row, start * MS, end * MS) for row, start, end in expected_ms]
    assert intervals(named(drawn(EVERY_STATE), name)) == expected


def test_bars_are_exact_to_the_nanosecond_even_in_seconds() -> None:
    run = timeline((0, State.WAITING, 0, 3_000), (0, State.RUNNING, 3_000, 3_001), wall_ms=3_001)
    edge_ns = 2_999_999_999
    spans = replace(
        run.spans,
        end_ns=np.array([edge_ns, 3_001 * MS]),
        start_ns=np.array([1, edge_ns]),
    )
    figure = drawn(replace(run, spans=spans))
    assert intervals(named(figure, "waiting"), unit_ns=NS_PER_S) == [(0, 1, edge_ns)]
    assert intervals(named(figure, "running"), unit_ns=NS_PER_S) == [(0, edge_ns, 3_001 * MS)]


def test_ten_milliseconds_on_the_loop_are_blocking_and_a_nanosecond_less_is_not() -> None:
    run = timeline((0, State.RUNNING, 0, 10), (1, State.RUNNING, 10, 20), wall_ms=20)
    ends = np.array([BLOCKING_NS, 2 * BLOCKING_NS - 1])
    figure = drawn(replace(run, spans=replace(run.spans, end_ns=ends)))
    assert intervals(named(figure, "blocking")) == [(0, 0, BLOCKING_NS)]
    assert intervals(named(figure, "running")) == [(1, BLOCKING_NS, 2 * BLOCKING_NS - 1)]


def test_long_work_beside_the_loop_does_not_block() -> None:
    assert names(drawn(timeline((0, State.WORKING, 0, 500), wall_ms=500))) == ["working"]


def test_bars_have_the_look_of_their_state() -> None:
    figure = drawn(EVERY_STATE)
    for look in (span_classes()[state] for state in State):
        trace = named(figure, look.name)
        assert trace.marker.color == look.colour
        assert trace.width == look.height


def test_a_second_run_adds_nothing_to_the_legend_twice() -> None:
    first = plot_for(EVERY_STATE)
    for plot in (first, replace(first, y="y2")):
        add_bars(plot, EVERY_STATE, job_lanes(np.arange(2), EVERY_STATE))
        add_ends(plot, ended_as(Outcome.FAILED), range(3))
    found = legend(first.parts.figure())
    assert len(found) == len(set(found)) == 7


def test_wide_bars_say_their_state_and_duration_and_narrow_ones_nothing() -> None:
    run = timeline((0, State.RUNNING, 0, 8), (0, State.WAITING, 8, 100), wall_ms=100)
    on = np.array([On.START, On.TIMER])
    figure = drawn(replace(run, spans=replace(run.spans, on=on)))
    assert named(figure, "running").text == ("",)
    assert named(figure, "waiting").text == ("waiting 92.0 ms",)


def test_a_job_that_waits_for_its_beginning_is_said_not_to_have_begun() -> None:
    """Its coroutine was made, and the sentence below the chart says that it never began."""
    run = timeline((0, State.WAITING, 0, 100), wall_ms=100, outcomes={0: Outcome.LOST})
    assert never_begun(run) == 1
    assert named(drawn(run), "waiting").text == ("not begun 100 ms",)
    assert span_text(run, 0, "waiting") == "job 1: not begun 100 ms<br>from 0 ns to 100 ms"


def test_a_span_of_waiting_tells_what_it_waits_for_and_where() -> None:
    run = timeline((4, State.WAITING, 10, 210), wall_ms=210)
    spans = replace(run.spans, on=np.array([On.TIMER]), site=np.array([1]))
    run = replace(run, spans=spans, sites=("core/workloads/sleep.py:14",))
    assert span_text(run, 0, "waiting").split("<br>") == [
        "job 5: waiting 200 ms",
        "from 10.0 ms to 210 ms",
        "on: timer",
        "where: core/workloads/sleep.py:14",
    ]


def test_a_span_of_work_tells_its_worker_and_its_cpu_time() -> None:
    lane = lane_code(LaneKind.PROCESS, 2)
    run = timeline((0, State.WORKING, 0, 5), wall_ms=5, lanes=[lane])
    worked = replace(run, spans=replace(run.spans, cpu_ns=np.array([3 * MS])))
    assert span_text(worked, 0, "working").split("<br>")[2:] == [
        "lane: process-2",
        "CPU time: 3.00 ms",
    ]
    assert run.spans.cpu_ns.tolist() == [NO_CPU_TIME]
    assert span_text(run, 0, "working").split("<br>")[2:] == ["lane: process-2"]


def test_a_worker_whose_place_is_known_is_named_with_it() -> None:
    lane = lane_code(LaneKind.DASK, 1)
    run = timeline((0, State.WORKING, 0, 5), wall_ms=5, lanes=[lane])
    known = replace(run, lane_labels={lane: "tcp://10.0.0.5:4711 on far"})
    assert "lane: dask-1 (tcp://10.0.0.5:4711 on far)" in span_text(known, 0, "working")


def test_a_wait_for_a_connection_is_drawn_apart_from_other_waits() -> None:
    run = timeline((0, State.WAITING, 0, 5), (0, State.WAITING, 5, 9), wall_ms=9)
    on = np.array([On.CONNECTION, On.FUTURE])
    figure = drawn(replace(run, spans=replace(run.spans, on=on)))
    assert intervals(named(figure, "waiting for a connection")) == [(0, 0, 5 * MS)]
    assert intervals(named(figure, "waiting")) == [(0, 5 * MS, 9 * MS)]
    assert named(figure, "waiting for a connection").text == ("connection 5.00 ms",)


def test_a_span_on_the_loop_names_the_loop() -> None:
    run = timeline((0, State.RUNNING, 0, 5), wall_ms=5, lanes=[LOOP])
    assert "lane: loop" in span_text(run, 0, "running")


def test_markup_in_the_name_of_a_file_is_shown_as_text() -> None:
    run = timeline((0, State.RUNNING, 0, 5), wall_ms=5)
    spans = replace(run.spans, site=np.array([1]))
    text = span_text(replace(run, spans=spans, sites=(f"{HOSTILE}.py:1",)), 0, "running")
    *_, where = text.split("<br>")
    assert "<" not in where
    assert html.unescape(where) == f"where: {HOSTILE}.py:1"


def test_every_bar_has_its_own_text_to_hover_over() -> None:
    run = EVERY_STATE
    texts = {text for trace in drawn(run).data for text in trace.customdata}
    assert len(texts) == len(run.spans)
    assert {trace.hovertemplate for trace in drawn(run).data} == {"%{customdata}<extra></extra>"}


@pytest.mark.parametrize("outcome", BAD_ENDS)
def test_a_bad_end_is_marked_once_at_its_moment_in_its_row(outcome: Outcome) -> None:
    (trace,) = marked(ended_as(outcome)).data
    assert trace.name == end_marks()[outcome].name
    assert trace.marker.symbol == end_marks()[outcome].symbol
    assert (list(trace.x), list(trace.y)) == ([2.0], [1])
    assert trace.customdata == (f"job 2 {outcome}",)


def test_jobs_that_ended_well_are_not_marked() -> None:
    assert len(marked(ended_as(Outcome.OK)).data) == 0


def test_each_job_is_marked_by_its_own_outcome() -> None:
    spans = [(job, State.RUNNING, job, job + 1) for job in range(4)]
    run = timeline(*spans, wall_ms=4, outcomes=dict(enumerate([*BAD_ENDS, Outcome.OK])))
    rows = {trace.name: list(trace.y) for trace in marked(run).data}
    assert rows == {end_marks()[outcome].name: [row] for row, outcome in enumerate(BAD_ENDS)}


def test_the_mark_of_a_failure_tells_the_error() -> None:
    run = ended_as(Outcome.FAILED, error=JobError(kind="ValueError", message="no such row"))
    (trace,) = marked(run).data
    assert trace.customdata == ("job 2 failed: ValueError: no such row",)


def test_markup_in_an_error_is_shown_as_text_and_quotes_stay_quotes() -> None:
    run = ended_as(Outcome.FAILED, error=JobError(kind="<b>E</b>", message=HOSTILE))
    (text,) = marked(run).data[0].customdata
    assert "<" not in text
    assert '"x"' in text
    assert "it's" in text
    assert html.unescape(text) == f"job 2 failed: <b>E</b>: {HOSTILE}"


def test_a_run_without_jobs_has_neither_bars_nor_end_marks() -> None:
    run = timeline(wall_ms=5)
    assert len(drawn(run).data) == len(marked(run).data) == 0


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Cause.NOT_KNOWN, None),
        (Cause.CALCULATION, "its own calculation"),
        (Cause.CALL, "a call that waited"),
        (Cause.GIL, "another thread had the GIL"),
        (Cause.COLLECTION, "a garbage collection"),
        (Cause.MACHINE, "the machine had other work"),
    ],
)
def test_a_pointer_over_a_long_step_reads_what_it_mostly_was(
    cause: Cause, said: str | None
) -> None:
    run = timeline((0, State.RUNNING, 0, 30), wall_ms=30)
    run = replace(run, spans=replace(run.spans, cause=np.array([cause])))
    lines = span_text(run, 0, "running").split("<br>")
    assert [line for line in lines if line.startswith("mostly")] == (
        [] if said is None else [f"mostly: {said}"]
    )


def test_a_pointer_over_an_outline_reads_its_job_and_its_times_with_units() -> None:
    best = Schedule(start_ns=(0, 100 * MS), end_ns=(100 * MS, 250 * MS), wall_ns=250 * MS)
    plot = plot_on(TimeAxis(end_ns=250 * MS))
    add_outline(plot, best, range(2))
    (outline,) = plot.parts.traces
    assert outline["customdata"] == [1, 2]
    assert outline["hovertemplate"] == (
        "job %{customdata:,} in the ideal schedule: begins at %{base:.4~g} ms, lasts %{x:.4~g} ms"
        "<extra></extra>"
    )
