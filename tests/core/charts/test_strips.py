import html
from dataclasses import replace
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.hostility import MALICE
from core.analysis.metrics import loop_busy_ns
from core.analysis.span_classes import BLOCKING, COLOURS
from core.analysis.summary import explain
from core.charts.axis import TimeAxis
from core.charts.density import Bins
from core.charts.figure import QUIET, FigureParts
from core.charts.layout import BETWEEN_SECTIONS_PX, Section
from core.charts.panel import Panel, RunInView, use_text
from core.charts.strips import (
    BAND_PX,
    CELLS,
    LINES_SHOWN,
    MAX_BANDS,
    MAX_BARS,
    STRIPS,
    Band,
    Strip,
    bands,
    loop_sections,
    loop_shares,
)
from core.recording.events import LaneKind, lane_code
from core.recording.recorder import LogLine
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_MS
from core.text.legible import legible
from core.timeline.timeline import BLOCKING_NS, LOOP, Cause, State, Steps, Timeline
from tests.core.charts.figures import drawn as section_drawn
from tests.core.charts.figures import exact, legend, strip_of, strip_sections
from tests.kit.handmade import MS, timeline
from tests.kit.large import large_run

Times = list[tuple[int, int]]


def lane(number: int) -> int:
    """Return the lane of a loop, counted from 1."""
    return LOOP if number == 1 else lane_code(LaneKind.LOOP, number)


def run_of(*loops: Times, wall_ms: int = 100) -> Timeline:
    """Return a run whose loops took some steps each, in milliseconds."""
    run = timeline(
        (0, State.WAITING, 0, wall_ms),
        wall_ms=wall_ms,
        steps_ms=[step for loop in loops for step in loop],
    )
    lanes = np.repeat([lane(number + 1) for number in range(len(loops))], [*map(len, loops)])
    return replace(run, steps=replace(run.steps, lane=lanes))


SIDE_BY_SIDE = run_of([(0, 60)], [(20, 30), (40, 80)])
IN_TURN = run_of([(0, 10), (20, 30)], [(30, 40)], [(50, 60)])


def sections(run: Timeline | None, bins: Bins | None = None) -> list[Section]:
    spec = run.program if run else RunSpec(pattern="gather", tasks=1, sleep_s=0.01)
    panel = Panel(program=spec, title="", timeline=run)
    return loop_sections(RunInView(panel=panel, timeline=run, bins=bins))


def strips(run: Timeline | None, axis: TimeAxis | None = None) -> list[go.Figure]:
    whole = TimeAxis(end_ns=run.end_ns if run else 0)
    return [section_drawn(each, axis or whole).figure() for each in sections(run)]


def starts(figure: go.Figure) -> list[float]:
    return sorted(x for trace in figure.data for x in np.asarray(trace.x).tolist())


def test_loops_that_run_side_by_side_have_a_band_each_and_the_first_is_on_top() -> None:
    assert bands(SIDE_BY_SIDE.steps) == [Band(lanes=(lane(1),)), Band(lanes=(lane(2),))]
    figures = strips(SIDE_BY_SIDE)
    assert [each.layout.yaxis.ticktext for each in figures] == [("loop",), ("loop-2",)]
    assert [starts(each) for each in figures] == [[0], [20, 40]]


def test_loops_that_run_one_after_another_share_a_band() -> None:
    assert bands(IN_TURN.steps) == [Band(lanes=(lane(1), lane(2), lane(3)))]
    (figure,) = strips(IN_TURN)
    assert figure.layout.yaxis.ticktext == ("3 event loops",)
    assert starts(figure) == [0, 20, 30, 50]


def test_more_loops_at_once_than_there_are_bands_are_summed_up_in_the_last() -> None:
    run = run_of(*[[(10, 60)]] * (MAX_BANDS + 2))
    *single, rest = bands(run.steps)
    assert [each.lanes for each in single] == [(lane(n),) for n in range(1, MAX_BANDS)]
    assert rest == Band(lanes=tuple(lane(MAX_BANDS + n) for n in range(3)), at_once=3)
    figure = strips(run)[-1]
    curves = [trace for trace in figure.data if trace.type == "scatter"]
    heights = np.sum([np.asarray(curve.y) for curve in curves], axis=0)
    assert heights.max() == pytest.approx(1)


def height_of(which: Strip, run: Timeline | None) -> float:
    return sum(section.height_px for section in strip_sections(which, run))


def test_a_run_without_a_loop_has_no_band_and_still_a_strip() -> None:
    assert bands(timeline(wall_ms=5).steps) == []
    assert height_of(Strip.LOOP, timeline(wall_ms=5)) == height_of(Strip.LOOP, None) == BAND_PX


def test_a_strip_is_as_high_as_its_bands() -> None:
    assert height_of(Strip.LOOP, SIDE_BY_SIDE) == 2 * BAND_PX
    assert height_of(Strip.FLIGHT, SIDE_BY_SIDE) == height_of(Strip.FLIGHT, IN_TURN)

    def height(run: Timeline) -> int:
        panel = Panel(program=run.program, title="", timeline=run)
        return int(exact([panel], strips=[Strip.LOOP]).layout["height"])

    assert height(SIDE_BY_SIDE) - height(IN_TURN) == BAND_PX + BETWEEN_SECTIONS_PX


@pytest.mark.parametrize("run", [SIDE_BY_SIDE, IN_TURN, timeline(wall_ms=5), None])
def test_a_run_has_the_same_strips_whether_its_spans_are_binned_or_not(
    run: Timeline | None,
) -> None:
    over = Bins.over(0, 100 * MS, 5)
    assert len(sections(run, over)) == len(sections(run)) >= 1


def test_the_time_of_several_loops_is_a_sum_and_no_share() -> None:
    assert use_text(SIDE_BY_SIDE).startswith("event loops busy 110 ms in sum")
    assert explain([SIDE_BY_SIDE]).endswith(
        " Its 2 event loops were busy for 110 ms in sum, and no job waited for its loop longer "
        "than 0 ns."
    )


def run_with_steps(gaps_and_lengths_ns: list[tuple[int, int]]) -> Timeline:
    """Return a run whose loop was free and busy in turns."""
    turns = np.array(gaps_and_lengths_ns, dtype=np.int64).reshape(-1)
    ends = turns.cumsum()
    steps = Steps(
        start_ns=ends[::2],
        end_ns=ends[1::2],
        site=np.zeros_like(ends[::2]),
        lane=np.zeros_like(ends[::2]),
        cause=np.zeros_like(ends[::2]),
        cause_ns=np.zeros_like(ends[::2]),
    )
    return replace(timeline(wall_ms=0), wall_ns=int(ends[-1]), steps=steps)


def loop_strip(timeline: Timeline | None, axis: TimeAxis | None = None) -> go.Figure:
    (figure,) = strips(timeline, axis)
    return figure


def colours(figure: go.Figure) -> dict[str, int]:
    """Return how many bars there are of each colour."""
    return {trace.marker.color: len(trace.x) for trace in figure.data}


def test_few_steps_are_drawn_one_by_one_exactly() -> None:
    run = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 22), (99, 100)])
    (trace,) = loop_strip(run).data
    assert np.asarray(trace.x).tolist() == [0, 20, 99]
    assert np.asarray(trace.width).tolist() == [1, 2, 1]
    assert np.asarray(trace.y).tolist() == [1, 1, 1]
    assert trace.offset == 0
    assert trace.customdata[1] == "the loop was busy for 2.00 ms"


turns = st.tuples(st.integers(0, 5 * NS_PER_MS), st.integers(0, 12 * NS_PER_MS))


def drawn_busy_ns(figure: go.Figure, axis: TimeAxis) -> float:
    """Return how long a strip shows its loop as busy: in bars, or in curves of square roots."""
    bars = [trace for trace in figure.data if trace.type == "bar"]
    if bars:
        return float(sum(np.asarray(trace.width).sum() for trace in bars)) * axis.unit_ns
    curves = [trace for trace in figure.data if trace.type == "scatter"]
    if not curves:
        return 0
    heights = np.sum([np.asarray(curve.y)[:-1] for curve in curves], axis=0)
    return float((heights**2).sum() * curves[0].dx * axis.unit_ns)


@given(st.lists(turns, min_size=1, max_size=30), st.sampled_from([1, 7, 100]))
def test_the_loop_s_busy_time_is_kept_however_many_steps_are_summed(
    some: list[tuple[int, int]], times: int
) -> None:
    run = run_with_steps(some * times)
    axis = TimeAxis(end_ns=run.end_ns)
    shown = drawn_busy_ns(loop_strip(run, axis), axis)
    assert shown == pytest.approx(loop_busy_ns(run), rel=1e-9, abs=1)


@given(st.lists(turns, min_size=1, max_size=30), st.sampled_from([1, 100]))
def test_a_bin_shows_blocking_exactly_if_a_blocking_step_reaches_into_it(
    some: list[tuple[int, int]], times: int
) -> None:
    run = run_with_steps(some * times)
    steps = run.steps_of_run
    bins = Bins.over(0, run.end_ns, MAX_BARS)
    found = loop_shares(steps, bins).blocking > 0
    blocking = steps.end_ns - steps.start_ns >= BLOCKING_NS
    starts_ns, ends_ns = steps.start_ns[blocking], steps.end_ns[blocking]
    expected = [
        bool(((starts_ns < end_ns) & (ends_ns > start_ns)).any())
        for start_ns, end_ns in pairwise(bins.edges_ns.tolist())
    ]
    assert found.tolist() == expected


def test_many_short_steps_close_together_do_not_block() -> None:
    run = run_with_steps([(0, NS_PER_MS)] * 10_000)
    assert [name for name in legend(loop_strip(run)) if name] == ["running"]
    assert drawn_busy_ns(loop_strip(run), TimeAxis(end_ns=run.end_ns)) >= BLOCKING_NS


def test_a_blocking_step_among_thousands_is_seen() -> None:
    short = [(NS_PER_MS // 2, NS_PER_MS // 10)] * 2_000
    run = run_with_steps([*short, (0, BLOCKING_NS), *short])
    (blocking,) = [trace for trace in loop_strip(run).data if trace.name == "blocking"]
    assert np.asarray(blocking.y).max() > 0.9


def test_ten_milliseconds_block_and_a_nanosecond_less_does_not() -> None:
    run = run_with_steps([(1, BLOCKING_NS), (1, BLOCKING_NS - 1)])
    assert colours(loop_strip(run)) == {COLOURS[State.RUNNING]: 1, COLOURS[BLOCKING]: 1}


def test_steps_after_the_run_s_end_are_left_out() -> None:
    run = timeline(wall_ms=10, steps_ms=[(0, 1), (9, 12), (20, 30)])
    (trace,) = loop_strip(run).data
    assert np.asarray(trace.x).tolist() == [0, 9]
    assert np.asarray(trace.width).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("run", "label"),
    [
        (None, "event loop"),
        (timeline(wall_ms=10), "no event loop"),
        (timeline(wall_ms=10, steps_ms=[(0, 1)]), "event loop"),
        (timeline(wall_ms=10, steps_ms=[(20, 21)]), "event loop"),
    ],
)
def test_the_strip_says_whether_there_is_a_loop(run: Timeline | None, label: str) -> None:
    figure = loop_strip(run)
    assert figure.layout.yaxis.ticktext == (label,)
    assert len(figure.data) == (run is not None and len(run.steps_of_run) > 0)


def test_the_legend_names_the_colours_of_the_strip_once() -> None:
    run = timeline((0, State.RUNNING, 0, 1), wall_ms=100, steps_ms=[(0, 1), (20, 40)])
    assert legend(loop_strip(run)) == ["running", "blocking"]
    panels = [Panel(program=run.program, title="", timeline=run)] * 2
    assert sorted(legend(exact(panels, strips=[Strip.LOOP]))) == ["blocking", "ideal", "running"]


def test_a_step_that_is_partly_in_view_shows_that_part_and_blocks_by_its_length() -> None:
    run = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 32), (40, 50), (99, 100)])
    axis = TimeAxis(start_ns=30 * NS_PER_MS, end_ns=45 * NS_PER_MS)
    (trace,) = loop_strip(run, axis).data
    assert trace.name == "blocking"
    assert np.asarray(trace.x).tolist() == [30, 40]
    assert np.asarray(trace.width).tolist() == [2, 5]
    assert trace.customdata == ("the loop was busy for 12.0 ms", "the loop was busy for 10.0 ms")


def test_many_steps_in_view_are_summed_over_the_stretch_in_view_only() -> None:
    run = run_with_steps([(NS_PER_MS, NS_PER_MS)] * 1_000)
    axis = TimeAxis(start_ns=500 * NS_PER_MS, end_ns=1_500 * NS_PER_MS)
    figure = loop_strip(run, axis)
    (curve,) = [trace for trace in figure.data if trace.type == "scatter"]
    assert (curve.x0, len(curve.y)) == (500, MAX_BARS + 1)
    assert drawn_busy_ns(figure, axis) == pytest.approx(500 * NS_PER_MS)


RUN = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 45), (60, 60)])
MANY = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 45), *[(60, 60)] * 4])
"""More steps than the five bins over which its strip is summed up."""


def drawn(run: Timeline, bins: Bins) -> FigureParts:
    (section,) = sections(run, bins)
    return section_drawn(section, TimeAxis(end_ns=run.end_ns))


def test_each_bin_has_the_share_of_its_time_that_the_loop_was_busy() -> None:
    found = loop_shares(RUN.steps_of_run, Bins.over(0, 100 * MS, 5))
    assert found.busy.tolist() == [0.05, 1.0, 0.25, 0, 0]
    assert found.blocking.tolist() == [0, 1.0, 0.25, 0, 0]
    assert found.blocking_begun.tolist() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("most", [1, 3, 400])
def test_the_shares_add_up_to_the_time_that_the_loop_was_busy(most: int) -> None:
    run = large_run(500)
    found = loop_shares(run.steps_of_run, Bins.over(0, run.end_ns, most))
    assert found.busy.sum() * found.bins.width_ns == pytest.approx(loop_busy_ns(run), rel=1e-9)


def test_the_height_is_the_square_root_of_the_share_and_what_blocks_lies_on_top() -> None:
    parts = drawn(MANY, Bins.over(0, 100 * MS, 5))
    running, blocking = (trace for trace in parts.traces if "stackgroup" in trace)
    assert (running["name"], blocking["name"]) == ("running", "blocking")
    assert running["y"][:3].tolist() == pytest.approx([0.05**0.5, 0, 0])
    assert blocking["y"][:3].tolist() == pytest.approx([0, 1, 0.5])


def test_a_pointer_reads_the_shares_and_how_many_steps_block() -> None:
    parts = drawn(MANY, Bins.over(0, 100 * MS, 5))
    trace = parts.traces[-1]
    assert np.allclose(trace["customdata"][0, 1], [1, 1, 1])
    assert "the height is the square root of the share" in trace["hovertemplate"]
    assert "of 20.0 ms" in trace["hovertemplate"]


WARNING = "WARNING:asyncio:Executing <Handle f()> took 0.200 seconds"


def strip(*lines: tuple[float, str], wall_ms: int = 150) -> go.Figure:
    log = tuple(LogLine(at_ns=round(at_ms * MS), text=text) for at_ms, text in lines)
    return strip_of(Strip.LOG, replace(timeline(wall_ms=wall_ms), log=log))


def marks(figure: go.Figure, colour: str) -> dict[float, str]:
    """Return the marks of a colour: where each stands, and what a pointer over it reads."""
    (trace,) = [trace for trace in figure.data if trace.marker.color == colour]
    return dict(zip(np.asarray(trace.x).tolist(), trace.customdata, strict=True))


def test_each_line_has_a_mark_at_its_moment() -> None:
    figure = strip((10, "one"), (20, "two"))
    assert marks(figure, QUIET) == {10: "10.0 ms  one", 20: "20.0 ms  two"}
    assert figure.layout.yaxis.ticktext == ("transcript",)


def test_a_warning_of_asyncios_has_a_mark_of_its_own() -> None:
    found = marks(strip((10, "one"), (20, WARNING)), COLOURS[BLOCKING])
    assert list(found) == [20]
    assert legend(strip((10, "one"), (20, WARNING))) == ["printed", "warning of asyncio"]
    assert "Executing &lt;Handle f()&gt; took 0.200 seconds" in found[20]


@pytest.mark.parametrize("text", [text for text in MALICE if text])
def test_a_line_that_means_something_to_a_browser_is_shown_as_it_is(text: str) -> None:
    assert marks(strip((10, text)), QUIET) == {
        10: f"10.0 ms  {html.escape(legible(text), quote=False)}"
    }


def test_lines_too_close_to_tell_apart_share_a_mark_and_are_counted() -> None:
    figure = strip(*((50 + number / 1_000, f"line {number}") for number in range(10)))
    (text,) = marks(figure, QUIET).values()
    assert len(text.split("<br>")) == LINES_SHOWN + 1
    assert text.endswith(f"… and {10 - LINES_SHOWN} more lines")


def test_there_are_never_more_marks_than_can_be_drawn() -> None:
    figure = strip(*((number / 100, "x") for number in range(15_000)))
    assert sum(len(trace.x) for trace in figure.data) <= CELLS + 1


def test_what_was_printed_outside_of_the_axis_is_left_to_the_transcript() -> None:
    assert list(marks(strip((-1, "before"), (150, "last"), (151, "after")), QUIET)) == [150]


def test_a_long_line_is_shortened() -> None:
    (text,) = marks(strip((1, "x" * 500)), QUIET).values()
    assert text.endswith("x…")
    assert len(text) < 120


def test_in_a_window_marks_are_told_apart_that_share_one_in_the_whole_chart() -> None:
    log = (LogLine(at_ns=50 * MS, text="one"), LogLine(at_ns=50 * MS + 100, text="two"))
    axis = TimeAxis(start_ns=50 * MS, end_ns=50 * MS + 1_000)
    figure = strip_of(Strip.LOG, replace(timeline(wall_ms=150), log=log), axis)
    assert list(marks(figure, QUIET).values()) == ["50.0 ms  one", "50.0 ms  two"]


@pytest.mark.parametrize("bins", [None, Bins.over(0, 100 * MS, 10)])
def test_a_step_that_was_mostly_a_garbage_collection_is_crossed_out(bins: Bins | None) -> None:
    run = run_of([(0, 5), (20, 54), (60, 75)])
    causes = np.array([0, Cause.COLLECTION, Cause.CALL])
    run = replace(run, steps=replace(run.steps, cause=causes, cause_ns=causes * 5 * MS))
    (strip,) = sections(run, bins)
    parts = section_drawn(strip, TimeAxis(end_ns=100 * MS))
    (collection,) = [each for each in parts.traces if each["name"] == "garbage collection"]
    assert (collection["x"], collection["width"]) == ([20], [34])
    assert collection["customdata"] == [
        "the loop was busy for 34.0 ms, of that 20.0 ms with a garbage collection"
    ]
    parts = section_drawn(sections(run_of([(0, 50)]), bins)[0], TimeAxis(end_ns=100 * MS))
    assert "garbage collection" not in parts.named


def test_every_strip_has_its_sections() -> None:
    assert set(STRIPS) == set(Strip)


@pytest.mark.parametrize("which", Strip)
@pytest.mark.parametrize("run", [None, timeline(wall_ms=0), timeline(wall_ms=5)])
def test_a_strip_of_nothing_still_names_itself(which: Strip, run: Timeline | None) -> None:
    (label,) = strip_of(which, run).layout.yaxis.ticktext
    assert label
