"""How several loops share the strip of a run."""

from dataclasses import replace

import numpy as np

from core.analysis.summary import explain
from core.charts import facts
from core.charts.axis import TimeAxis
from core.charts.bins import Bins
from core.charts.gantt import gantt
from core.charts.loop_bands import MAX_BANDS, Band, bands
from core.charts.loop_curve import sections
from core.charts.loop_strip import draw
from core.charts.panel import Panel
from core.charts.stack import Row, stacked
from core.charts.strips import STRIPS, Strip
from core.recording.events import LaneKind, lane_code
from core.timeline.timeline import LOOP, State, Timeline
from tests.core.handmade import MS, timeline

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
    (plot,) = stacked([Row(height_px=56)], TimeAxis(end_ns=100 * MS))
    draw(plot, SIDE_BY_SIDE)
    figure = plot.sheet.figure()
    assert figure.layout.yaxis.ticktext == ("loop-2", "loop")
    assert figure.layout.yaxis.range == (0, 2)
    drawn = [(trace.base, np.asarray(trace.x).tolist()) for trace in figure.data]
    assert sorted(drawn) == [(0, [20, 40]), (1, [0])]


def test_loops_that_run_one_after_another_share_a_band() -> None:
    assert bands(IN_TURN.steps) == [Band(lanes=(lane(1), lane(2), lane(3)))]
    (plot,) = stacked([Row(height_px=28)], TimeAxis(end_ns=100 * MS))
    draw(plot, IN_TURN)
    figure = plot.sheet.figure()
    assert figure.layout.yaxis.ticktext == ("3 event loops",)
    xs = [x for trace in figure.data for x in np.asarray(trace.x).tolist()]
    assert sorted(xs) == [0, 20, 30, 50]


def test_more_loops_at_once_than_there_are_bands_are_summed_up_in_the_last() -> None:
    run = run_of(*[[(10, 60)]] * (MAX_BANDS + 2))
    *single, rest = bands(run.steps)
    assert [each.lanes for each in single] == [(lane(n),) for n in range(1, MAX_BANDS)]
    assert rest == Band(lanes=tuple(lane(MAX_BANDS + n) for n in range(3)), at_once=3)
    (plot,) = stacked([Row(height_px=28)], TimeAxis(end_ns=100 * MS))
    draw(plot, run)
    heights = np.concatenate(
        [np.asarray(trace.y) for trace in plot.sheet.figure().data if trace.base == 0]
    )
    assert heights.max() <= 1


def test_a_run_without_a_loop_has_no_band_and_still_a_strip() -> None:
    assert bands(timeline(wall_ms=5).steps) == []
    assert STRIPS[Strip.LOOP].height_of(timeline(wall_ms=5)) == STRIPS[Strip.LOOP].height_px
    assert STRIPS[Strip.LOOP].height_of(None) == STRIPS[Strip.LOOP].height_px


def test_a_strip_is_as_high_as_its_bands() -> None:
    assert STRIPS[Strip.LOOP].height_of(SIDE_BY_SIDE) == 2 * STRIPS[Strip.LOOP].height_px
    assert STRIPS[Strip.FLIGHT].height_of(SIDE_BY_SIDE) == STRIPS[Strip.FLIGHT].height_px

    def height(run: Timeline) -> int:
        panel = Panel(spec=run.spec, title="", timeline=run)
        return int(gantt([panel], strips=[Strip.LOOP]).layout["height"])

    assert height(SIDE_BY_SIDE) - height(IN_TURN) == STRIPS[Strip.LOOP].height_px


def test_a_large_run_has_a_curve_for_each_band() -> None:
    over = Bins.over(0, 100 * MS, 5)
    assert [len(sections(run, over)) for run in (SIDE_BY_SIDE, IN_TURN)] == [2, 1]
    assert sections(timeline(wall_ms=5), over) == []


def test_the_time_of_several_loops_is_a_sum_and_no_share() -> None:
    assert facts.use_text(SIDE_BY_SIDE).startswith("event loops busy 110 ms in sum")
    assert explain([SIDE_BY_SIDE]).endswith(
        " Its 2 event loops were busy for 110 ms in sum, and no job waited for its loop longer "
        "than 0 ns."
    )
