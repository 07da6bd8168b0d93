import pytest

from core.charts.axis import Window
from core.charts.bins import Bins
from core.charts.captions import blocking_text, rare_text, scale_text, title_with, use_text
from core.charts.dense_lanes import rare_events
from core.charts.exact_lanes import LaneView
from core.charts.lane_set import items_of
from core.timeline.timeline import Outcome
from tests.kit.handmade import MS, timeline
from tests.kit.large import large_run, panel_of, with_outcomes


@pytest.mark.parametrize(
    ("end_ms", "longest_ms", "text"),
    [
        (400, 400, "own time scale: 400 ms"),
        (400, 12_800, "own time scale: 400 ms, zoomed 32×"),  # noqa: RUF001
        (10, 12_800, "own time scale: 10.0 ms, zoomed 1,280×"),  # noqa: RUF001
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


def test_all_rare_events_are_counted_and_those_in_bins_are_told() -> None:
    run = with_outcomes(large_run(40), Outcome.FAILED, 30)
    items = items_of(run, LaneView.JOBS, (0, 39))
    events = rare_events(run, items, Bins.over(0, run.end_ns, 5))
    assert rare_text(events, []) == "<b>30 failed</b>"
    assert rare_text([], events) == "<b>30 failed</b>, counted in bins"


def test_the_lines_of_a_title_stand_below_it_in_small() -> None:
    text = title_with(panel_of(large_run(5), "a run"), ["one", "", "two"])
    assert text.count("<br>") == 2
    assert text.startswith("a run<br><span style=")
