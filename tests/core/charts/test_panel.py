from dataclasses import replace

import pytest

from core.analysis.summary import factor_text
from core.charts.axis import Window
from core.charts.figure import USUAL, Style
from core.charts.panel import (
    Panel,
    blocking_text,
    of_jobs,
    panels_of,
    scale_text,
    title,
    use_text,
    wall_text,
    wall_times,
)
from core.patterns import PATTERNS
from core.spec.ideal import schedule
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.core.charts.figures import laid_out
from tests.kit.handmade import MS, timeline
from tests.kit.large import large_run, panel_of

SLEEPING = RunSpec(pattern="gather", tasks=1, sleep_s=0.2)


def test_a_panel_reaches_to_the_later_of_ideal_and_measured_end() -> None:
    late = replace(timeline((0, State.WAITING, 0, 1_500), wall_ms=1_500), program=SLEEPING)
    early = timeline((0, State.WAITING, 0, 5), wall_ms=5, spec=SLEEPING, finished=False)
    assert Panel(program=SLEEPING, title="late", timeline=late).end_ns == 1_500 * MS
    assert Panel(program=SLEEPING, title="early", timeline=early).end_ns == 200 * MS


def test_a_run_yet_to_come_reaches_to_its_ideal() -> None:
    assert Panel(program=SLEEPING, title="to come").end_ns == 200 * MS


def test_a_run_without_an_ideal_has_room_before_it_is_measured_and_then_its_own_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PATTERNS, "gather", replace(PATTERNS["gather"], has_ideal=False))
    measured = timeline((0, State.WAITING, 0, 5), wall_ms=5, spec=SLEEPING)
    assert Panel(program=SLEEPING, title="").end_ns == 200 * MS
    assert Panel(program=SLEEPING, title="", timeline=measured).end_ns == 5 * MS
    assert title(SLEEPING) == "<b>gather</b>"
    assert title(SLEEPING, measured) == "<b>gather</b> — <b>5.00 ms</b>"
    assert wall_text(Panel(program=SLEEPING, title=""), None, "gather") == "gather<br>"


SPEC = RunSpec(pattern="gather", tasks=2, sleep_s=0.01)
SLOW = timeline(
    (0, State.WAITING, 0, 90), (1, State.WAITING, 0, 90), wall_ms=90, pattern="sequential"
)
QUICK = timeline((0, State.WAITING, 0, 10), (1, State.WAITING, 0, 10), wall_ms=10)


def test_a_run_to_come_is_titled_with_its_ideal() -> None:
    assert title(SPEC) == "<b>gather</b> — ideally 10.0 ms"


def test_a_run_that_was_ended_early_says_after_how_long() -> None:
    assert title(SPEC, QUICK, ended_early=True).startswith(
        "<b>gather</b> — ended early, after <b>10.0 ms</b>"
    )


def test_every_run_but_the_first_is_compared_with_the_first() -> None:
    slow, quick = panels_of([SLOW, QUICK])
    assert slow.title == "<b>sequential</b> — <b>90.0 ms</b>"
    assert quick.title == "<b>gather</b> — <b>10.0 ms</b>, " + factor_text(9)


def test_a_run_that_the_machine_disturbed_has_a_mark_in_place_of_a_speed_up() -> None:
    disturbed = replace(QUICK, disturbed_ns=3 * MS)
    slow, quick = panels_of([SLOW, disturbed])
    assert slow.title == "<b>sequential</b> — <b>90.0 ms</b>"
    assert quick.title == "<b>gather</b> — <b>10.0 ms</b>, disturbed"
    assert title(SPEC, disturbed) == quick.title


def test_nothing_is_compared_with_a_first_run_that_was_disturbed() -> None:
    slow, quick = panels_of([replace(SLOW, disturbed_ns=9 * MS), QUICK])
    assert slow.title == "<b>sequential</b> — <b>90.0 ms</b>, disturbed"
    assert quick.title == "<b>gather</b> — <b>10.0 ms</b>"


def test_a_selection_has_the_jobs_from_one_number_to_another_and_their_spans() -> None:
    run = large_run(20)
    some = of_jobs(run, 5, 7)
    assert some.jobs.number.tolist() == [5, 6, 7]
    assert some.spans.job.tolist() == [5] * 5 + [6] * 5 + [7] * 5
    assert some.spans.start_ns.tolist() == run.spans.start_ns[25:40].tolist()
    assert len(some.jobs.outcome) == len(some.jobs.error) == 3
    assert (some.steps, some.wall_ns) == (run.steps, run.wall_ns)


def test_a_selection_may_be_empty() -> None:
    some = of_jobs(large_run(20), 50, 60)
    assert (len(some.jobs), len(some.spans)) == (0, 0)


@pytest.mark.parametrize(
    ("end_ms", "longest_ms", "text"),
    [
        (400, 400, "own time scale: 400 ms"),
        (400, 12_800, "own time scale: 400 ms, zoomed 32×"),
        (10, 12_800, "own time scale: 10.0 ms, zoomed 1,280×"),
    ],
)
def test_a_run_says_how_much_larger_it_is_drawn_than_the_longest(
    end_ms: int, longest_ms: int, text: str
) -> None:
    assert scale_text(end_ms * MS, longest_ms * MS, None) == text


def test_a_window_says_from_when_to_when_it_is() -> None:
    window = Window(start_ns=5 * MS, end_ns=20 * MS)
    assert scale_text(20 * MS, 99 * MS, window) == "from 5.00 ms to 20.0 ms"


def test_the_use_of_a_run_without_a_loop_does_not_speak_of_one() -> None:
    assert use_text(timeline(wall_ms=5)) == "peak in flight 0"
    assert use_text(large_run(200)) == "event loop busy 3% · peak in flight 100"


def test_steps_that_block_are_counted_also_those_of_no_job() -> None:
    steps = [(0, 9), (10, 20), (30, 60)]
    assert blocking_text(timeline(wall_ms=60, steps_ms=steps)) == (
        "2 steps of the event loop block"
    )
    assert blocking_text(timeline(wall_ms=60, steps_ms=steps[:1])) == ""


def test_the_lines_of_a_title_stand_below_it_in_small() -> None:
    text = panel_of(large_run(5), "a run").heading(Style(), ["one", "", "two"])
    assert text.count("<br>") == 2
    assert text.startswith("a run<br><span style=")


MANY = RunSpec(pattern="gather", tasks=2_000, sleep_s=0.05)
MANY_SLOW = replace(large_run(2_000, at_once=10), program=MANY)
MANY_FAST = replace(large_run(2_000, at_once=500), program=MANY)


def test_all_runs_stand_on_one_scale_with_their_ideals() -> None:
    panels = [panel_of(MANY_SLOW), panel_of(MANY_FAST), Panel(program=MANY, title="to come")]
    figure = laid_out([wall_times(panels)], USUAL, on_one_axis=False)
    bars, ideals = figure.data
    unit_ns = wall_times(panels).axis.unit_ns
    assert list(bars.x) == [MANY_SLOW.wall_ns / unit_ns, MANY_FAST.wall_ns / unit_ns, 0]
    assert (ideals.name, ideals.showlegend) == ("ideal wall time", True)
    assert list(ideals.x) == [schedule(MANY).wall_ns / unit_ns] * 3
    assert len(figure.layout.annotations) == 1 + len(panels)


def test_a_guess_is_marked_in_the_row_of_its_run() -> None:
    guessed = replace(panel_of(MANY_FAST), guess_ns=30 * MS)
    figure = laid_out([wall_times([panel_of(MANY_SLOW), guessed])], USUAL, on_one_axis=False)
    (star,) = [trace for trace in figure.data if trace.name == "your guess"]
    assert (list(star.y), star.showlegend) == ([1], True)
    assert star.x[0] * wall_times([panel_of(MANY_SLOW)]).axis.unit_ns == 30 * MS


def test_a_bar_says_how_long_a_run_took_how_much_faster_it_was_and_how_many_jobs_it_did() -> None:
    slow, fast = replace(MANY_SLOW, wall_ns=1_000 * MS), replace(MANY_FAST, wall_ns=100 * MS)
    assert wall_text(panel_of(slow), slow, "gather") == (
        "gather · 2,000 jobs/s<br><b>1.00 s</b> · ideally 50.0 ms"
    )
    assert wall_text(panel_of(fast), slow, "gather") == (
        "gather · 20,000 jobs/s<br><b>100 ms</b> · 10× faster · ideally 50.0 ms"
    )


def test_a_run_under_way_has_no_rate_yet_and_one_to_come_has_only_its_ideal() -> None:
    under_way = replace(MANY_SLOW, wall_ns=300 * MS, finished=False)
    assert wall_text(panel_of(under_way), None, "one") == "one<br><b>300 ms</b> so far"
    assert wall_text(Panel(program=MANY, title=""), None, "<b>") == ("&lt;b&gt;<br>ideally 50.0 ms")


def test_the_bar_of_a_disturbed_run_says_so_in_place_of_a_factor() -> None:
    slow, fast = replace(MANY_SLOW, wall_ns=1_000 * MS), replace(MANY_FAST, wall_ns=100 * MS)
    disturbed = replace(fast, disturbed_ns=30 * MS)
    assert wall_text(panel_of(disturbed), slow, "gather") == (
        "gather · 20,000 jobs/s<br><b>100 ms</b> · disturbed · ideally 50.0 ms"
    )
