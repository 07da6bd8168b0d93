from dataclasses import replace

import pytest

from core.charts import chart
from core.charts.axis import Window
from core.charts.figure import Style
from core.charts.lanes import MAX_SPANS, LaneView
from core.charts.panel import Panel
from core.charts.strips import Strip
from core.recording.recorder import LogLine
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State
from tests.core.charts.figures import bars, dense, draw, exact, rows
from tests.kit.handmade import MS, timeline
from tests.kit.large import large_run, panel_of

SPANS = (0, State.RUNNING, 0, 1), (0, State.WAITING, 1, 9), (1, State.RUNNING, 1, 2)
LARGE = panel_of(large_run(5_000, at_once=50))


def foreseen(tasks: int) -> Panel:
    return Panel(program=RunSpec(pattern="sequential", tasks=tasks, sleep_s=0.01), title="to come")


@pytest.mark.parametrize("view", LaneView)
def test_small_runs_are_drawn_in_exact_bars(view: LaneView) -> None:
    panels = [panel_of(timeline(*SPANS, wall_ms=10)), foreseen(3)]
    drawn = draw(panels, view=view, strips=[Strip.LOOP], style=Style(ink="#123456"))
    assert drawn == exact(panels, view=view, strips=[Strip.LOOP], style=Style(ink="#123456"))


def test_runs_with_more_spans_than_a_browser_paints_at_once_are_reduced() -> None:
    panels = [LARGE, foreseen(3)]
    drawn = draw(panels, strips=[Strip.LOG], style=Style(ink="#123456"))
    assert (
        drawn.to_json() == dense(panels, strips=[Strip.LOG], style=Style(ink="#123456")).to_json()
    )


def test_what_counts_is_how_many_spans_all_runs_have_together() -> None:
    spans = [(job, State.RUNNING, job, job + 1) for job in range(MAX_SPANS // 2)]
    half = panel_of(timeline(*spans, wall_ms=900))
    assert not chart.is_large([half, half], None)
    assert chart.is_large([half, half, foreseen(1)], None)


def test_a_run_yet_to_come_counts_with_its_jobs() -> None:
    assert not chart.is_large([foreseen(MAX_SPANS)], None)
    assert chart.is_large([foreseen(MAX_SPANS + 1)], None)


def test_a_window_with_few_spans_is_drawn_in_exact_bars_of_the_jobs_in_it() -> None:
    drawn = draw([LARGE], window=Window(start_ns=50 * MS, end_ns=60 * MS))
    assert drawn.layout.yaxis.range == (49.5, -0.5)
    assert rows(drawn)[0] == "job 51"
    assert bars(drawn) == 50


def test_a_window_with_many_spans_is_reduced() -> None:
    assert chart.is_large([LARGE], Window(start_ns=0, end_ns=2_000 * MS))


def test_a_window_in_which_nothing_happens_is_drawn() -> None:
    window = Window(start_ns=90_000 * MS, end_ns=90_001 * MS)
    assert bars(draw([LARGE], window=window)) == 0


def test_of_a_run_yet_to_come_a_window_shows_the_jobs_foreseen_in_it() -> None:
    window = Window(start_ns=1_000 * MS, end_ns=1_030 * MS)
    assert rows(draw([foreseen(5_000)], window=window)) == ("job 101", "job 102", "job 103")


@pytest.mark.parametrize("is_dense", [True, False])
def test_every_sign_and_every_bar_but_those_of_wall_times_has_a_key(*, is_dense: bool) -> None:
    spans = [(0, State.WAITING, 10, 60), (1, State.WAITING, 10, 40), (1, State.RUNNING, 40, 90)]
    ends = {0: Outcome.CANCELLED, 1: Outcome.FAILED}
    run = timeline(*spans, wall_ms=100, steps_ms=[(40, 90)], outcomes=ends)
    warning = "Executing <Handle f()> took 0.200 seconds"
    printed = (LogLine(at_ns=0, text="one"), LogLine(at_ns=9 * MS, text=warning))
    panel = panel_of(replace(run, log=printed))
    figure = (dense if is_dense else exact)([replace(panel, guess_ns=80 * MS)], strips=list(Strip))
    named = {trace.name for trace in figure.data if trace.showlegend}
    scatters = [trace for trace in figure.data if trace.type == "scatter"]
    signs = [trace for trace in scatters if "markers" in (trace.mode or "")]
    assert len(signs) >= 4
    assert {sign.name for sign in signs} <= named
    assert {bar.name for bar in figure.data if bar.type == "bar"} - named <= {"wall time"}
