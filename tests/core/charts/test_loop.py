"""How several loops share the strip of a run."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.metrics import loop_busy_ns
from core.analysis.span_classes import BLOCKING, COLOURS
from core.analysis.summary import explain
from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.figure import FigureParts
from core.charts.layout import Section
from core.charts.loop import (
    BAND_PX,
    MAX_BANDS,
    MAX_BARS,
    Band,
    LoopShares,
    bands,
    busy,
    loop_section,
    loop_sections,
    loop_shares,
)
from core.charts.panel import Panel, RunInView, use_text
from core.charts.strips import Strip
from core.recording.events import LaneKind, lane_code
from core.text.numbers import NS_PER_MS
from core.timeline.timeline import BLOCKING_NS, LOOP, State, Steps, Timeline
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


def test_loops_that_run_side_by_side_have_a_band_each_and_the_first_is_on_top() -> None:
    assert bands(SIDE_BY_SIDE.steps) == [Band(lanes=(lane(1),)), Band(lanes=(lane(2),))]
    figure = strip_of(Strip.LOOP, SIDE_BY_SIDE)
    assert figure.layout.yaxis.ticktext == ("loop-2", "loop")
    assert figure.layout.yaxis.range == (0, 2)
    drawn = [(trace.base, np.asarray(trace.x).tolist()) for trace in figure.data]
    assert sorted(drawn) == [(0, [20, 40]), (1, [0])]


def test_loops_that_run_one_after_another_share_a_band() -> None:
    assert bands(IN_TURN.steps) == [Band(lanes=(lane(1), lane(2), lane(3)))]
    figure = strip_of(Strip.LOOP, IN_TURN)
    assert figure.layout.yaxis.ticktext == ("3 event loops",)
    xs = [x for trace in figure.data for x in np.asarray(trace.x).tolist()]
    assert sorted(xs) == [0, 20, 30, 50]


def test_more_loops_at_once_than_there_are_bands_are_summed_up_in_the_last() -> None:
    run = run_of(*[[(10, 60)]] * (MAX_BANDS + 2))
    *single, rest = bands(run.steps)
    assert [each.lanes for each in single] == [(lane(n),) for n in range(1, MAX_BANDS)]
    assert rest == Band(lanes=tuple(lane(MAX_BANDS + n) for n in range(3)), at_once=3)
    figure = strip_of(Strip.LOOP, run)
    heights = np.concatenate([np.asarray(trace.y) for trace in figure.data if trace.base == 0])
    assert heights.max() <= 1


def height_of(which: Strip, run: Timeline | None) -> float:
    return sum(section.height_px for section in strip_sections(which, run))


def test_a_run_without_a_loop_has_no_band_and_still_a_strip() -> None:
    assert bands(timeline(wall_ms=5).steps) == []
    assert height_of(Strip.LOOP, timeline(wall_ms=5)) == height_of(Strip.LOOP, None) == BAND_PX


def test_a_strip_is_as_high_as_its_bands() -> None:
    assert height_of(Strip.LOOP, SIDE_BY_SIDE) == 2 * BAND_PX
    assert height_of(Strip.FLIGHT, SIDE_BY_SIDE) == height_of(Strip.FLIGHT, IN_TURN)

    def height(run: Timeline) -> int:
        panel = Panel(spec=run.spec, title="", timeline=run)
        return int(exact([panel], strips=[Strip.LOOP]).layout["height"])

    assert height(SIDE_BY_SIDE) - height(IN_TURN) == BAND_PX


def sections(run: Timeline, bins: Bins) -> list[Section]:
    panel = Panel(spec=run.spec, title="", timeline=run)
    return loop_sections(RunInView(panel=panel, timeline=run, bins=bins))


def test_a_large_run_has_a_curve_for_each_band() -> None:
    over = Bins.over(0, 100 * MS, 5)
    assert [len(sections(run, over)) for run in (SIDE_BY_SIDE, IN_TURN)] == [2, 1]
    assert sections(timeline(wall_ms=5), over) == []


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


def whole(run: Timeline) -> TimeAxis:
    return TimeAxis(end_ns=run.end_ns)


def strip(timeline: Timeline | None) -> go.Figure:
    return strip_of(Strip.LOOP, timeline)


def colours(figure: go.Figure) -> dict[str, int]:
    """Return how many bars there are of each colour."""
    return {trace.marker.color: len(trace.x) for trace in figure.data}


def test_few_steps_are_drawn_one_by_one_exactly() -> None:
    run = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 22), (99, 100)])
    (trace,) = strip(run).data
    assert np.asarray(trace.x).tolist() == [0, 20, 99]
    assert np.asarray(trace.width).tolist() == [1, 2, 1]
    assert np.asarray(trace.y).tolist() == [1, 1, 1]
    assert trace.offset == 0
    assert trace.customdata[1] == "the loop was busy for 2.00 ms of 2.00 ms"


turns = st.tuples(st.integers(0, 5 * NS_PER_MS), st.integers(0, 12 * NS_PER_MS))


@given(st.lists(turns, min_size=1, max_size=30), st.sampled_from([1, 7, 100]))
def test_the_loop_s_busy_time_is_kept_however_many_steps_are_summed(
    some: list[tuple[int, int]], times: int
) -> None:
    run = run_with_steps(some * times)
    parts = busy(run.steps_of_run, whole(run))
    assert len(parts.busy_ns) <= MAX_BARS
    assert int(parts.busy_ns.sum()) == loop_busy_ns(run)
    assert (parts.busy_ns >= 0).all()
    assert (parts.busy_ns <= parts.end_ns - parts.start_ns).all()


@given(st.lists(turns, min_size=1, max_size=30), st.sampled_from([1, 100]))
def test_a_stretch_is_blocking_exactly_if_a_blocking_step_reaches_into_it(
    some: list[tuple[int, int]], times: int
) -> None:
    run = run_with_steps(some * times)
    parts, steps = busy(run.steps_of_run, whole(run)), run.steps_of_run
    blocking = steps.end_ns - steps.start_ns >= BLOCKING_NS
    starts, ends = steps.start_ns[blocking], steps.end_ns[blocking]
    expected = [
        bool(((starts < end) & (ends > start)).any())
        for start, end in zip(parts.start_ns, parts.end_ns, strict=True)
    ]
    assert parts.is_blocking.tolist() == expected


def test_many_short_steps_close_together_do_not_block() -> None:
    run = run_with_steps([(0, NS_PER_MS)] * 10_000)
    assert (busy(run.steps_of_run, whole(run)).busy_ns >= BLOCKING_NS).all()
    assert colours(strip(run)) == {COLOURS[State.RUNNING]: MAX_BARS}


def test_a_blocking_step_among_thousands_is_seen() -> None:
    short = [(NS_PER_MS // 2, NS_PER_MS // 10)] * 2_000
    run = run_with_steps([*short, (0, BLOCKING_NS), *short])
    assert colours(strip(run))[COLOURS[BLOCKING]] >= 1


def test_ten_milliseconds_block_and_a_nanosecond_less_does_not() -> None:
    run = run_with_steps([(1, BLOCKING_NS), (1, BLOCKING_NS - 1)])
    assert colours(strip(run)) == {COLOURS[State.RUNNING]: 1, COLOURS[BLOCKING]: 1}


def test_a_bar_is_as_high_as_the_share_of_its_time_and_never_too_low_to_see() -> None:
    half = run_with_steps([(500, 500)] * 4_000)
    (trace,) = strip(half).data
    assert np.asarray(trace.y) == pytest.approx(np.full(MAX_BARS, 0.5))
    rare = run_with_steps([(NS_PER_MS, 10)] * 4_000)
    (trace,) = strip(rare).data
    assert np.asarray(trace.y).min() >= 0.04


def test_a_stretch_without_steps_has_no_height() -> None:
    run = run_with_steps([(0, 10)] * 500 + [(10**6, 10)])
    heights = np.concatenate([np.asarray(trace.y) for trace in strip(run).data])
    assert heights.min() == 0


def test_steps_after_the_run_s_end_are_left_out() -> None:
    run = timeline(wall_ms=10, steps_ms=[(0, 1), (9, 12), (20, 30)])
    parts = busy(run.steps_of_run, whole(run))
    assert parts.start_ns.tolist() == [0, 9 * NS_PER_MS]
    assert parts.end_ns.tolist() == [NS_PER_MS, 10 * NS_PER_MS]


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
    figure = strip(run)
    assert figure.layout.yaxis.ticktext == (label,)
    assert len(figure.data) == (
        run is not None and len(busy(run.steps_of_run, whole(run)).busy_ns) > 0
    )


def test_the_legend_names_the_colours_of_the_strip_once() -> None:
    run = timeline((0, State.RUNNING, 0, 1), wall_ms=100, steps_ms=[(0, 1), (20, 40)])
    assert legend(strip(run)) == ["running", "blocking"]
    panels = [Panel(spec=run.spec, title="", timeline=run)] * 2
    assert sorted(legend(exact(panels, strips=[Strip.LOOP]))) == ["blocking", "ideal", "running"]


def test_a_step_that_is_partly_in_view_counts_with_that_part_and_blocks_by_its_length() -> None:
    run = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 32), (40, 50), (99, 100)])
    parts = busy(run.steps_of_run, TimeAxis(start_ns=30 * NS_PER_MS, end_ns=45 * NS_PER_MS))
    assert parts.start_ns.tolist() == [30 * NS_PER_MS, 40 * NS_PER_MS]
    assert parts.end_ns.tolist() == [32 * NS_PER_MS, 45 * NS_PER_MS]
    assert parts.busy_ns.tolist() == [2 * NS_PER_MS, 5 * NS_PER_MS]
    assert parts.is_blocking.tolist() == [True, True]


def test_many_steps_in_view_are_summed_over_the_stretch_in_view_only() -> None:
    run = run_with_steps([(NS_PER_MS, NS_PER_MS)] * 1_000)
    parts = busy(run.steps_of_run, TimeAxis(start_ns=500 * NS_PER_MS, end_ns=1_500 * NS_PER_MS))
    assert len(parts.busy_ns) == MAX_BARS
    assert (parts.start_ns[0], parts.end_ns[-1]) == (500 * NS_PER_MS, 1_500 * NS_PER_MS)
    assert int(parts.busy_ns.sum()) == 500 * NS_PER_MS


RUN = timeline(wall_ms=100, steps_ms=[(0, 1), (20, 45), (60, 60)])


def drawn(shares: LoopShares) -> FigureParts:
    section = loop_section(shares, "event loop")
    return section_drawn(section, TimeAxis(end_ns=shares.bins.end_ns))


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
    parts = drawn(loop_shares(RUN.steps_of_run, Bins.over(0, 100 * MS, 5)))
    running, blocking = (trace for trace in parts.traces if "stackgroup" in trace)
    assert (running["name"], blocking["name"]) == ("running", "blocking")
    assert running["y"][:3].tolist() == pytest.approx([0.05**0.5, 0, 0])
    assert blocking["y"][:3].tolist() == pytest.approx([0, 1, 0.5])


def test_a_pointer_reads_the_shares_and_how_many_steps_block() -> None:
    parts = drawn(loop_shares(RUN.steps_of_run, Bins.over(0, 100 * MS, 5)))
    trace = parts.traces[-1]
    assert np.allclose(trace["customdata"][0, 1], [1, 1, 1])
    assert "the height is the square root of the share" in trace["hovertemplate"]
    assert "of 20.0 ms" in trace["hovertemplate"]
