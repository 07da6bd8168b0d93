from dataclasses import replace

import numpy as np
import pytest

from core.analysis.span_classes import end_marks
from core.charts.axis import PlotAxes, Window, window_of
from core.charts.figure import Style
from core.charts.lanes import LaneView
from core.charts.layout import legend_px
from core.charts.panel import Panel, panels_of
from core.charts.strips import Strip
from core.jobs import Spread
from core.recording.events import LaneKind, lane_code
from core.recording.recorder import JobError
from core.spec.ideal import schedule
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_S
from core.timeline.timeline import LOOP, On, Outcome, State, Timeline
from tests.core.charts.figures import (
    axes_of,
    axis_name,
    draw,
    drawn_ns,
    end_lines,
    exact,
    intervals,
    legend,
    named,
    names,
    recorded_ns,
    rows,
    span_traces,
    traces,
)
from tests.kit.handmade import MS, Span, process_of, timeline
from tests.kit.sleeping import run_sleeping

PATTERNS = ("sequential", "gather")
BAD_ENDS = [outcome for outcome in Outcome if outcome is not Outcome.OK]


def spec(pattern: str = "gather", tasks: int = 5, sleep_s: float = 0.2) -> RunSpec:
    return RunSpec(pattern=pattern, tasks=tasks, sleep_s=sleep_s)


def measured(pattern: str, count: int = 5, sleep_s: float = 0.2) -> Panel:
    """Return a run of the pattern on the virtual clock."""
    run = run_sleeping(pattern, count, sleep_s).timeline
    own = spec(pattern, count, sleep_s)
    return Panel(program=own, title=pattern, timeline=replace(run, program=own))


CHILD = timeline(
    (0, State.WAITING, 2, 8),
    (0, State.RUNNING, 8, 20),
    (1, State.WAITING, 0, 20),
    wall_ms=20,
    outcomes={1: Outcome.FAILED},
    steps_ms=[(8, 20)],
)
FAMILY = [process_of(CHILD), process_of(CHILD, began_ms=30)]


def test_a_child_process_stands_where_it_began_on_the_axis_of_its_parent() -> None:
    panels = panels_of(FAMILY)
    figure = exact(panels, strips=list(Strip))
    count = len(Strip) + 1
    whole, later = (
        {bar for trace in span_traces(figure, place=place) for bar in intervals(trace)}
        for place in (1, count + 1)
    )
    assert {(row, start + 30 * MS, end + 30 * MS) for row, start, end in whole} == later
    assert [at for at, _ in end_lines(figure)] == [20, 50]
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert figure.layout.xaxis.range[1] > 50
    (failed,) = [each for each in traces(figure, place=count + 1) if each.name == "failed"]
    assert list(failed.x) == [50]
    steps = [each for each in traces(figure, place=count + 2) if each.type in ("bar", "scatter")]
    assert min(np.min(each.x) for each in steps) >= 30
    said = [text for trace in span_traces(figure, place=count + 1) for text in trace.customdata]
    assert any("from 38.0 ms to 50.0 ms" in text for text in said)
    titles = [each.text for each in figure.layout.annotations if "work.py" in each.text]
    assert ["began 30.0 ms later" in title for title in titles] == [False, True]


def test_a_window_shows_the_same_stretch_of_all_processes() -> None:
    panels = panels_of(FAMILY)
    figure = exact(panels, window=Window(start_ns=10 * MS, end_ns=40 * MS))
    starts = [
        sorted(
            {
                start // MS
                for trace in span_traces(figure, place=place)
                for _, start, _ in intervals(trace)
            }
        )
        for place in (1, 2)
    ]
    assert starts == [[10], [30, 32, 38]]
    assert draw(panels, window=Window(start_ns=0, end_ns=25 * MS)).data
    alone = exact(panels, window=Window(start_ns=0, end_ns=25 * MS))
    assert span_traces(alone, place=2) == []


def panel_of(run: Timeline) -> Panel:
    return Panel(program=run.program, title="a run", timeline=run)


def foreseen(tasks: int = 5, sleep_s: float = 0.2, pattern: str = "gather") -> Panel:
    return Panel(program=spec(pattern, tasks, sleep_s), title=pattern)


def huge(count: int) -> Timeline:
    """Return a run of many jobs with five spans each, all at once."""
    spans: list[Span] = [
        (job, state, start_ms, end_ms)
        for job in range(count)
        for state, start_ms, end_ms in (
            (State.WAITING, 0, 1),
            (State.RUNNING, 1, 2),
            (State.WAITING, 2, 300),
            (State.READY, 300, 301),
            (State.RUNNING, 301, 302),
        )
    ]
    return timeline(*spans, wall_ms=310, spec=spec(tasks=count, sleep_s=0.3))


def pooled() -> Timeline:
    lanes = [LOOP, *(lane_code(LaneKind.THREAD, number) for number in (1, 2, 1))]
    spans = (
        (0, State.RUNNING, 0, 1),
        (1, State.WORKING, 1, 200),
        (2, State.WORKING, 1, 201),
        (3, State.WORKING, 201, 400),
    )
    own = RunSpec(pattern="run_in_executor", tasks=4, sleep_s=0.2, executor="threads", workers=2)
    return timeline(*spans, wall_ms=402, spec=own, lanes=lanes)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_figure_shows_each_state_for_as_long_as_it_was_recorded(pattern: str) -> None:
    panel = measured(pattern)
    assert panel.timeline is not None
    figure = exact([panel])
    assert drawn_ns(figure) == pytest.approx(recorded_ns(panel.timeline), rel=1e-9)


def test_every_bar_of_a_recorded_run_begins_and_ends_with_its_span() -> None:
    panel = measured("gather")
    assert panel.timeline is not None
    spans = panel.timeline.spans
    found = sorted(each for trace in span_traces(exact([panel])) for each in intervals(trace))
    columns = spans.job, spans.start_ns, spans.end_ns
    assert found == sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_a_run_has_one_trace_for_each_state_that_occurs() -> None:
    figure = exact([measured(pattern) for pattern in PATTERNS])
    for place in (1, 2):
        found = names(figure, place=place)
        assert sorted(found) == ["ideal", "ready", "running", "waiting"]


@pytest.mark.parametrize("count", [1, 5, 40])
def test_as_many_jobs_as_there_are_have_a_row_each(count: int) -> None:
    figure = exact([measured("gather", count)])
    drawn = {row for trace in span_traces(figure) for row, *_ in intervals(trace)}
    assert drawn == set(range(count))
    assert figure.layout.yaxis.range == (count - 0.5, -0.5)


def test_rows_are_labelled_with_the_jobs_names_from_the_top() -> None:
    figure = exact([measured("gather", 3)])
    assert rows(figure) == ("job 1", "job 2", "job 3")
    assert figure.layout.yaxis.tickvals == (0, 1, 2)


def test_where_there_is_no_room_for_all_names_every_label_still_stands_at_its_row() -> None:
    figure = exact([foreseen(200)])
    places, labels = figure.layout.yaxis.tickvals, rows(figure)
    assert len(labels) <= 40
    assert labels == tuple(f"job {place + 1}" for place in places)


def test_several_runs_stand_on_one_time_axis_in_the_order_given() -> None:
    figure = exact([measured(pattern) for pattern in PATTERNS])
    assert [note.text for note in figure.layout.annotations] == list(PATTERNS)
    ranges = {axis.range for axis in figure.select_xaxes()}
    assert len(ranges) == 1
    assert ranges.pop()[1] > 1_000
    assert [axis.title.text for axis in figure.select_xaxes()] == [None, "time since start (ms)"]


def test_from_two_seconds_on_the_axis_is_in_seconds() -> None:
    figure = exact([measured("sequential", 5, 0.5)])
    assert figure.layout.xaxis.title.text == "time since start (s)"
    assert intervals(named(figure, "ideal"), unit_ns=NS_PER_S)[-1] == (
        4,
        2 * NS_PER_S,
        5 * NS_PER_S // 2,
    )


def test_no_two_entries_of_the_legend_have_the_same_name() -> None:
    run = huge(3)
    failed = replace(run, jobs=replace(run.jobs, outcome=(Outcome.FAILED,) * 3))
    found = legend(
        exact([panel_of(failed), panel_of(failed), panel_of(pooled())], strips=[Strip.LOOP])
    )
    assert len(found) == len(set(found))
    assert {"ideal", "failed", "running", "working"} <= set(found)


@pytest.mark.parametrize(
    "own",
    [
        spec("sequential"),
        spec("gather"),
        RunSpec(pattern="run_in_executor", tasks=7, sleep_s=0.1, executor="threads", workers=3),
        RunSpec(pattern="gather_results", tasks=4, sleep_s=0.2, spread=Spread.FALLING),
    ],
    ids=lambda own: own.pattern,
)
def test_a_run_yet_to_come_shows_the_outline_of_its_ideal_and_nothing_else(own: RunSpec) -> None:
    figure = exact([Panel(program=own, title="to come")])
    best = schedule(own)
    expected = list(zip(range(own.tasks), best.start_ns, best.end_ns, strict=True))
    assert names(figure) == ["ideal"]
    assert intervals(named(figure, "ideal")) == expected
    assert len(rows(figure)) == own.tasks
    assert end_lines(figure) == []


def test_the_outline_stands_behind_the_bars_of_a_measured_run() -> None:
    assert names(exact([measured("gather")]))[0] == "ideal"


def test_the_dashed_line_stands_at_the_wall_time_of_each_run() -> None:
    panels = [measured(pattern) for pattern in PATTERNS]
    lines = end_lines(exact(panels, strips=[Strip.LOOP]))
    walls = [panel.timeline.wall_ns / MS for panel in panels if panel.timeline]
    assert [where for _, where in lines] == [axis_name(1, "x"), axis_name(2, "x")]
    assert [end for end, _ in lines] == pytest.approx(walls, rel=1e-12)


def test_a_run_under_way_has_neither_an_end_line_nor_marks() -> None:
    run = timeline(
        (0, State.RUNNING, 0, 1),
        (0, State.WAITING, 1, 50),
        wall_ms=50,
        outcomes={0: Outcome.LOST},
        spec=spec("sequential", 5),
        finished=False,
    )
    figure = exact([panel_of(run)])
    assert end_lines(figure) == []
    assert names(figure) == ["ideal", "running", "waiting"]


@pytest.mark.parametrize("outcome", end_marks())
def test_the_sign_of_a_job_that_ended_with_the_run_lies_upon_the_end_line(outcome: Outcome) -> None:
    run = timeline((0, State.WAITING, 0, 50), wall_ms=50, outcomes={0: outcome})
    figure = exact([panel_of(run)])
    dashed = [trace.line.dash == "dash" for trace in figure.data if trace.type == "scatter"]
    names = [trace.name for trace in figure.data if trace.type == "scatter"]
    # Plotly paints scatter traces in their order, all of them upon bars, and shapes upon all.
    assert dashed.index(True) < names.index(str(outcome))
    assert figure.layout.shapes == ()


def test_a_run_under_way_has_a_row_for_each_job_to_come() -> None:
    run = timeline(
        (0, State.WAITING, 0, 50), wall_ms=50, spec=spec("sequential", 5), finished=False
    )
    assert rows(exact([panel_of(run)])) == tuple(f"job {number}" for number in range(1, 6))


def test_while_a_job_is_missing_each_row_bears_the_name_of_its_own_job() -> None:
    spans = [(job, State.READY, 0, 50) for job in (0, 1, 3)]
    run = timeline(*spans, wall_ms=50, spec=spec("sequential", 4), finished=False)
    figure = exact([panel_of(run)])
    assert rows(figure) == ("job 1", "job 2", "job 3", "job 4")
    assert [row for row, *_ in intervals(named(figure, "ready"))] == [0, 1, 3]
    assert [row for row, *_ in intervals(named(figure, "ideal"))] == [0, 1, 2, 3]


def test_a_bad_end_is_marked_in_the_row_of_its_job_where_another_is_missing() -> None:
    run = timeline(
        *((0, State.RUNNING, 0, 1), (2, State.RUNNING, 1, 3)),
        wall_ms=3,
        spec=spec("gather", 3),
        outcomes={2: Outcome.FAILED},
    )
    trace = named(exact([panel_of(run)]), "failed")
    assert (list(trace.y), trace.customdata) == ([2], ("job 3 failed",))


def test_a_box_over_rows_with_copies_names_these() -> None:
    run = timeline((0, State.RUNNING, 0, 1), (7, State.RUNNING, 1, 3), wall_ms=3)
    figure = exact([panel_of(run)])
    box = {"xref": "x", "yref": "y", "x": [0, 3], "y": [0.6, 2]}
    window = window_of(box, axes_of(figure))
    assert window is not None
    assert window.jobs == (1, 7)


@pytest.mark.parametrize("outcome", BAD_ENDS)
def test_each_bad_end_is_marked_once(outcome: Outcome) -> None:
    spans = (0, State.RUNNING, 0, 1), (1, State.RUNNING, 1, 3)
    error = JobError(kind="ValueError", message="<b>no</b> & never")
    run = timeline(*spans, wall_ms=3, outcomes={1: outcome}, errors={1: error})
    trace = named(exact([panel_of(run)]), outcome.value)
    assert (list(trace.x), list(trace.y)) == ([3.0], [1])
    assert trace.customdata == (f"job 2 {outcome}: ValueError: &lt;b&gt;no&lt;/b&gt; &amp; never",)


def test_the_view_per_worker_has_a_row_for_the_loop_and_each_worker() -> None:
    run = pooled()
    figure = exact([panel_of(run)], view=LaneView.WORKERS)
    assert rows(figure) == ("loop", "thread-1", "thread-2")
    assert intervals(named(figure, "working")) == [
        (1, 1 * MS, 200 * MS),
        (2, 1 * MS, 201 * MS),
        (1, 201 * MS, 400 * MS),
    ]
    assert intervals(named(figure, "running")) == [(0, 0, 1 * MS)]
    assert drawn_ns(figure) == pytest.approx(recorded_ns(run), rel=1e-9)


def test_the_view_per_worker_has_the_end_line_but_neither_outline_nor_marks() -> None:
    run = pooled()
    lost = replace(run, jobs=replace(run.jobs, outcome=(Outcome.LOST,) * 4))
    figure = exact([panel_of(lost)], view=LaneView.WORKERS)
    assert names(figure) == ["running", "working"]
    assert len(end_lines(figure)) == 1


def test_the_strip_of_the_loop_stands_below_each_run() -> None:
    panels = [measured(pattern) for pattern in PATTERNS]
    figure = exact(panels, strips=[Strip.LOOP])
    for place, panel in ((2, panels[0]), (4, panels[1])):
        assert panel.timeline is not None
        assert rows(figure, place=place) == ("event loop",)
        steps = panel.timeline.steps_of_run
        width = sum(float(np.sum(trace.width)) for trace in traces(figure, place=place))
        assert width * MS == pytest.approx(float((steps.end_ns - steps.start_ns).sum()), rel=1e-9)


@pytest.mark.parametrize("view", LaneView)
@pytest.mark.parametrize("strips", [[], [Strip.LOOP], list(Strip)])
@pytest.mark.parametrize("finished", [True, False])
def test_a_run_without_jobs_spans_or_duration_is_drawn(
    view: LaneView, strips: list[Strip], finished: bool
) -> None:
    panels = [panel_of(timeline(wall_ms=wall, finished=finished)) for wall in (0, 5)]
    for each in (panels, panels[:1], [*panels, foreseen(1, 0)]):
        figure = exact(each, view=view, strips=strips)
        assert span_traces(figure) == []
        ended = [panel for panel in each if panel.timeline and panel.timeline.finished]
        assert len(end_lines(figure)) == len(ended)


@pytest.mark.parametrize("view", LaneView)
def test_the_same_data_give_the_same_figure(view: LaneView) -> None:
    panels = [*(measured(pattern) for pattern in PATTERNS), panel_of(pooled()), foreseen(3)]
    once, again = (
        exact(panels, view=view, strips=[Strip.LOOP], style=Style(ink="#123456")) for _ in range(2)
    )
    assert once.to_json() == again.to_json()


def test_ink_colours_all_text_and_its_absence_leaves_it_to_the_page() -> None:
    panels = [measured("gather")]
    inked, plain = exact(panels, style=Style(ink="#FAFAFA")), exact(panels)
    for figure, colour in ((inked, "#FAFAFA"), (plain, None)):
        assert {axis.tickfont.color for axis in figure.select_xaxes()} == {colour}
        assert {axis.tickfont.color for axis in figure.select_yaxes()} == {colour}
        assert {note.font.color for note in figure.layout.annotations} == {colour}
        assert figure.layout.legend.font.color == colour


def test_a_long_legend_has_room_for_its_lines_on_a_phone() -> None:
    failed = replace(huge(3), jobs=replace(huge(3).jobs, outcome=(Outcome.FAILED,) * 3))
    few, many = exact([foreseen(3)]), exact([panel_of(failed), panel_of(pooled())])
    assert len(legend(few)) == 1 < len(legend(many)) == 6
    more_px = many.layout.margin.t - few.layout.margin.t
    # The first title has a line less: nothing is said of a pool there.
    assert more_px == legend_px(legend(many)) - legend_px(legend(few)) > 0
    assert few.layout.margin.b == many.layout.margin.b


WINDOW = Window(start_ns=MS, end_ns=250 * MS, jobs=(10, 19))


def test_a_window_shows_what_is_in_it_clipped_to_it() -> None:
    run = huge(1_000)
    figure = exact([panel_of(run)], window=WINDOW)
    assert rows(figure) == tuple(f"job {number}" for number in range(11, 21))
    found = sorted(each for trace in span_traces(figure) for each in intervals(trace))
    assert found == [
        span for row in range(10) for span in ((row, MS, 2 * MS), (row, 2 * MS, 250 * MS))
    ]
    assert figure.layout.xaxis.range == (1, 250)


def test_a_clipped_bar_tells_the_whole_span() -> None:
    run = huge(20)
    on = np.where(run.spans.start_ns == 2 * MS, On.TIMER, On.START)
    run = replace(run, spans=replace(run.spans, on=on))
    figure = exact([panel_of(run)], window=replace(WINDOW, start_ns=100 * MS))
    waiting = named(figure, "waiting")
    assert waiting.customdata[0] == "job 11: waiting 298 ms<br>from 2.00 ms to 300 ms<br>on: timer"
    assert waiting.text[0] == "waiting 298 ms"


def test_the_outline_and_the_end_are_in_the_window_or_not_at_all() -> None:
    panel = measured("sequential")
    early = Window(start_ns=100 * MS, end_ns=300 * MS, jobs=(0, 1))
    figure = exact([panel], window=early)
    assert intervals(named(figure, "ideal")) == [
        (0, 100 * MS, 200 * MS),
        (1, 200 * MS, 300 * MS),
    ]
    assert end_lines(figure) == []
    late = Window(start_ns=900 * MS, end_ns=1_100 * MS)
    assert len(end_lines(exact([panel], window=late))) == 1


def test_marks_stand_at_their_jobs_in_a_window() -> None:
    run = huge(40)
    outcomes = tuple(Outcome.FAILED if job == 12 else Outcome.OK for job in range(40))
    run = replace(run, jobs=replace(run.jobs, outcome=outcomes))
    whole = replace(WINDOW, end_ns=310 * MS)
    mark = named(exact([panel_of(run)], window=whole), "failed")
    assert list(mark.y) == [2]
    assert mark.customdata[0].startswith("job 13 failed")
    assert "failed" not in names(exact([panel_of(run)], window=WINDOW))


def test_in_rows_of_workers_a_window_zooms_into_time_only_and_rows_stay() -> None:
    late = Window(start_ns=250 * MS, end_ns=300 * MS, jobs=(0, 0))
    figure = exact([panel_of(pooled())], view=LaneView.WORKERS, window=late)
    assert rows(figure) == rows(exact([panel_of(pooled())], view=LaneView.WORKERS))
    found = [each for trace in span_traces(figure) for each in intervals(trace)]
    assert found == [(1, 250 * MS, 300 * MS)]


def test_a_window_of_jobs_yet_to_come_shows_their_outline() -> None:
    figure = exact([foreseen(20)], window=Window(start_ns=0, end_ns=MS, jobs=(15, 99)))
    assert rows(figure) == tuple(f"job {number}" for number in range(16, 21))
    assert intervals(named(figure, "ideal")) == [(row, 0, MS) for row in range(5)]


def test_a_box_drawn_in_any_plot_is_understood() -> None:
    figure = exact([foreseen(20), foreseen(20)], strips=[Strip.LOOP], window=WINDOW)
    rows_of_jobs = PlotAxes(unit_ns=MS, first_job=10, jobs=10)
    assert axes_of(figure) == {
        "x y": rows_of_jobs,
        "x y2": PlotAxes(unit_ns=MS),
        "x2 y3": rows_of_jobs,
        "x2 y4": PlotAxes(unit_ns=MS),
    }


def test_a_guess_is_a_line_through_all_rows_and_is_in_view() -> None:
    figure = exact([replace(panel_of(huge(3)), guess_ns=1_000 * MS), panel_of(huge(3))])
    (line,) = [trace for trace in figure.data if trace.name == "your guess"]
    assert list(line.x) == [1_000, 1_000]
    assert list(line.y) == [-0.5, 2.5]
    assert figure.layout.xaxis.range[1] > 1_000


def test_rows_too_low_for_a_text_have_none() -> None:
    run = timeline(*((job, State.WAITING, 0, 200) for job in range(20)), wall_ms=200)
    few, many = ([panel_of(run)] * runs for runs in (1, 6))
    has_text = [
        any(any(trace.text or ()) for trace in exact(panels).data if trace.type == "bar")
        for panels in (few, many)
    ]
    assert has_text == [True, False]
