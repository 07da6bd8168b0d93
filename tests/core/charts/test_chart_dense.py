from dataclasses import replace

import numpy as np
import pytest

from core.charts.axis import Window
from core.charts.figure import Style
from core.charts.lanes import LaneView
from core.charts.panel import Panel, panels_of
from core.charts.strips import Strip
from core.recording.recorder import JobError
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from tests.core.charts.figures import dense
from tests.kit.handmade import MS, process_of, timeline
from tests.kit.large import in_workers, large_run, panel_of, with_outcomes
from tests.kit.random_runs import random_run

MOST_BYTES = 300_000
MILLION = 1_000_000
FORESEEN = Panel(program=RunSpec(pattern="gather", tasks=10_000, sleep_s=0.2), title="to come")


def failing(run: Timeline, count: int) -> Timeline:
    failed = with_outcomes(run, Outcome.FAILED, count)
    error = JobError(kind="ValueError", message="no " * 500)
    errors = (error,) * count + failed.jobs.error[count:]
    return replace(failed, jobs=replace(failed.jobs, error=errors))


@pytest.mark.parametrize(
    "panels",
    [
        [panel_of(large_run(MILLION // 5))],
        [panel_of(failing(large_run(20_000, at_once=20_000), 299))] * 2,
        [panel_of(failing(in_workers(large_run(2_000), 100), 900))] * 12,
        [panel_of(random_run(20_000))] * 12,
        [FORESEEN, panel_of(large_run(2_000)), panel_of(in_workers(large_run(2_000), 32))],
    ],
    ids=["a million spans", "many jobs at once", "many runs", "many runs of all kinds", "several"],
)
def test_a_figure_of_any_size_is_small(panels: list[Panel]) -> None:
    assert (
        len(dense(panels, strips=list(Strip), style=Style(ink="#123456")).to_json()) <= MOST_BYTES
    )


def test_processes_of_one_program_stand_on_one_axis_where_they_are_sums() -> None:
    run = large_run(2_000)
    later_ms = run.end_ns // MS
    panels = panels_of([process_of(run), process_of(run, began_ms=later_ms)])
    figure = dense(panels)
    axes = {axis.range for axis in figure.select_xaxes()}
    assert len(axes) == 1
    assert "Wall times on one scale" not in figure.to_json()
    assert "time scale" not in figure.to_json()
    first, second = figure.layout.images
    assert second.x - first.x == pytest.approx(later_ms)
    assert second.x + second.sizex == pytest.approx(first.sizex, rel=0.01)


def test_the_noisiest_picture_keeps_to_the_size_as_well() -> None:
    run = large_run(5_000, at_once=5_000)
    rng = np.random.default_rng(0)
    spans = run.spans
    noisy = replace(spans, state=rng.integers(0, 4, len(spans)), start_ns=spans.start_ns)
    panels = [panel_of(replace(run, spans=noisy))] * 3
    assert len(dense(panels).to_json()) <= MOST_BYTES


def test_the_same_data_give_the_same_figure() -> None:
    panels = [panel_of(failing(large_run(2_000), 400)), panel_of(in_workers(large_run(500), 9))]
    once, again = (dense(panels, strips=list(Strip), style=Style(ink="#123456")) for _ in range(2))
    assert once.to_json() == again.to_json()


def test_each_run_has_an_axis_of_its_own_below_the_wall_times_on_one_scale() -> None:
    slow, fast = large_run(2_000, at_once=10), large_run(2_000, at_once=1_000)
    figure = dense([panel_of(slow, "slow"), panel_of(fast, "fast")])
    walls, longest, shortest = (figure.layout[name] for name in ("xaxis", "xaxis2", "xaxis3"))
    assert walls.range == longest.range
    assert (longest.ticksuffix, shortest.ticksuffix) == (" s", " ms")
    assert longest.range[1] * 1_000 > shortest.range[1]
    titles = [note.text for note in figure.layout.annotations if note.xref == "paper"]
    assert titles[0] == "<b>Wall times on one scale</b>"
    assert "zoomed" not in titles[1]
    assert "zoomed" in titles[2]


def test_with_a_window_all_runs_have_the_same_axis_and_only_what_is_in_it() -> None:
    run = failing(large_run(2_000, at_once=100), 2_000)
    window = Window(start_ns=40 * MS, end_ns=80 * MS)
    figure = dense([panel_of(run), panel_of(run)], window=window)
    assert [figure.layout[name].range for name in ("xaxis", "xaxis2")] == [(40, 80)] * 2
    ended = int(((run.jobs.ended_ns >= 40 * MS) & (run.jobs.ended_ns <= 80 * MS)).sum())
    titles = [note.text for note in figure.layout.annotations]
    assert all(f"<b>{ended:,} failed</b>" in title for title in titles)
    assert "from 40.0 ms to 80.0 ms" in titles[0]


def test_a_window_may_show_some_of_the_jobs() -> None:
    run = large_run(5_000, at_once=5_000)
    window = Window(start_ns=0, end_ns=run.end_ns, jobs=(1_000, 2_999))
    figure = dense([panel_of(run)], window=window)
    lanes = [trace for trace in figure.data if trace.type == "heatmap"][-1]
    assert lanes.customdata[:, :, -3].sum() == 2_000 * 5
    assert figure.layout.yaxis3.ticktext[0] == "job 1,001"


def test_a_run_yet_to_come_shows_its_ideal_and_nothing_else() -> None:
    figure = dense([FORESEEN])
    drawn = [trace.name for trace in figure.data if trace.y is None or trace.y[0] is not None]
    assert drawn == ["wall time", "ideal wall time", "ideal", None]
    assert figure.layout.images == ()


def test_a_run_under_way_is_drawn_up_to_its_ideal_end_without_bad_ends() -> None:
    run = with_outcomes(large_run(2_000), Outcome.LOST, 1_000)
    spec = RunSpec(pattern="sequential", tasks=4_000, sleep_s=0.002)
    figure = dense([panel_of(replace(run, program=spec, finished=False, wall_ns=80 * MS))])
    assert "lost" not in [trace.name for trace in figure.data]
    assert figure.layout.xaxis2.range[1] > 8


@pytest.mark.parametrize("view", LaneView)
@pytest.mark.parametrize("finished", [True, False])
def test_a_run_without_jobs_spans_or_duration_is_drawn(view: LaneView, *, finished: bool) -> None:
    for wall in (0, 5):
        run = timeline(wall_ms=wall, finished=finished)
        figure = dense([panel_of(run), FORESEEN], view=view, strips=list(Strip))
        assert len(figure.layout.images) == 1


def test_only_a_chosen_transcript_is_shown() -> None:
    for strips, texts in (([], []), ([Strip.LOG], [("nothing printed",)])):
        figure = dense([panel_of(large_run(2_000))], strips=strips)
        labels = [axis.ticktext for axis in figure.select_yaxes()]
        assert [label for label in labels if label == ("nothing printed",)] == texts


def test_a_run_without_a_loop_and_one_yet_to_come_have_their_strips_and_say_why() -> None:
    run = large_run(2_000)
    without = replace(run, steps=run.steps.where(np.zeros(len(run.steps), dtype=bool)))
    figure = dense([panel_of(without), FORESEEN], strips=[Strip.LOG])
    labels = [axis.ticktext for axis in figure.select_yaxes()]
    assert labels.count(("no event loop",)) == labels.count(("event loop",)) == 1
    assert labels.count(("nothing printed",)) == labels.count(("transcript",)) == 1


def test_no_two_entries_of_the_legend_have_the_same_name() -> None:
    panels = [panel_of(failing(large_run(2_000), 500)), panel_of(failing(large_run(2_000), 20))]
    names = [trace.name for trace in dense(panels).data if trace.showlegend and trace.name]
    assert len(names) == len(set(names))
    states = {"ready", "running", "waiting"}
    assert states | {"ideal", "ideal wall time", "failed"} == set(names)


@pytest.mark.parametrize("finished", [True, False])
def test_copies_of_jobs_beyond_those_asked_for_have_their_rows(*, finished: bool) -> None:
    spans = [(job, State.READY, 0, 50) for job in range(500)]
    spec = RunSpec(pattern="gather", tasks=5, sleep_s=0.01)
    run = timeline(*spans, wall_ms=50, spec=spec, finished=finished)
    figure = dense([panel_of(run)])
    places = [each for each in figure.layout.meta["places"].values() if each["first_job"] == 0]
    assert [each["jobs"] for each in places] == [500]
