from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.axis import (
    LATEST_NS,
    PlotAxes,
    TimeAxis,
    Window,
    as_word,
    from_word,
    noted,
    window_of,
    window_text,
)
from core.text.language import NS_PER_MS, NS_PER_S
from core.timeline.timeline import State
from tests.core.charts.figures import axes_of
from tests.kit.handmade import MS, timeline


def test_a_run_that_began_later_stands_later_on_an_axis_as_long_as_that_of_all() -> None:
    whole, later = TimeAxis(end_ns=50 * MS), TimeAxis(end_ns=20 * MS, origin_ns=30 * MS)
    assert whole.range == later.range
    assert whole.length_ns == later.length_ns
    assert later.at(np.array([0, 5 * MS])).tolist() == [30.0, 35.0]
    assert later.at_one(0) == 30
    assert later.scaled(np.array([5 * MS])).tolist() == [5.0]
    assert TimeAxis(end_ns=NS_PER_S, origin_ns=NS_PER_S).unit == "s"
    part = TimeAxis(start_ns=-10 * MS, end_ns=10 * MS, origin_ns=30 * MS)
    assert part.range == TimeAxis(start_ns=20 * MS, end_ns=40 * MS).range == (20, 40)
    assert part.length_ns == 20 * MS


def test_a_window_in_the_time_of_a_run_that_began_later_shows_the_same() -> None:
    window = Window(start_ns=20 * MS, end_ns=40 * MS, jobs=(1, 2))
    assert window.of_run(30 * MS) == Window(start_ns=-10 * MS, end_ns=10 * MS, jobs=(1, 2))
    of_jobs = Window(start_ns=0, end_ns=LATEST_NS, jobs=(1, 2))
    assert of_jobs.of_run(30 * MS) == of_jobs


@pytest.mark.parametrize(
    ("end_ns", "unit_ns", "title"),
    [
        (0, NS_PER_MS, "time since start (ms)"),
        (200 * NS_PER_MS, NS_PER_MS, "time since start (ms)"),
        (2 * NS_PER_S - 1, NS_PER_MS, "time since start (ms)"),
        (2 * NS_PER_S, NS_PER_S, "time since start (s)"),
        (60 * NS_PER_S, NS_PER_S, "time since start (s)"),
    ],
)
def test_times_are_in_milliseconds_below_two_seconds_and_in_seconds_from_then_on(
    end_ns: int, unit_ns: int, title: str
) -> None:
    axis = TimeAxis(end_ns=end_ns)
    assert axis.title == title
    assert axis.scaled(np.array([0, unit_ns, 3 * unit_ns])).tolist() == [0, 1, 3]


@pytest.mark.parametrize("end_ns", [1, 1_999_999_999, 59_999_999_999])
def test_a_time_is_exact_to_the_nanosecond(end_ns: int) -> None:
    axis = TimeAxis(end_ns=end_ns)
    unit_ns = NS_PER_S if end_ns >= 2 * NS_PER_S else NS_PER_MS
    assert round(float(axis.scaled(np.array([end_ns]))[0]) * unit_ns) == end_ns


def test_the_axis_shows_the_whole_run_with_a_little_air() -> None:
    first, last = TimeAxis(end_ns=100 * NS_PER_MS).range
    assert -1 <= first < 0
    assert 100 < last <= 105


def test_the_axis_of_a_run_without_duration_has_a_length_even_so() -> None:
    first, last = TimeAxis(end_ns=0).range
    assert first < 0 < last


def test_an_axis_with_a_start_shows_exactly_the_stretch_from_there() -> None:
    axis = TimeAxis(start_ns=20 * NS_PER_MS, end_ns=30 * NS_PER_MS)
    assert axis.range == (20, 30)
    assert axis.length_ns == 10 * NS_PER_MS
    times_ns = np.array([0, 20, 25, 40]) * NS_PER_MS
    assert (axis.clipped(times_ns) // NS_PER_MS).tolist() == [20, 20, 25, 30]
    assert [axis.shows(int(time_ns)) for time_ns in times_ns] == [False, True, True, False]


def test_an_axis_of_whole_runs_clips_nothing() -> None:
    assert TimeAxis(end_ns=10).clipped(np.array([-5, 20])).tolist() == [-5, 20]


RUN = timeline(
    (0, State.WAITING, 0, 10),
    (0, State.RUNNING, 10, 10),
    (1, State.WAITING, 5, 20),
    (2, State.WAITING, 20, 30),
    wall_ms=30,
)


def test_it_shows_what_overlaps_it_and_not_what_touches_its_edge() -> None:
    assert Window(start_ns=10 * MS, end_ns=20 * MS).shows(RUN).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_jobs_out_of_view_are_not_shown() -> None:
    assert Window(start_ns=0, end_ns=30 * MS, jobs=(1, 2)).shows(RUN).tolist() == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("bounds", [(5, 5), (6, 5)])
def test_an_empty_stretch_of_time_is_no_window(bounds: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"a window from \d to 5 ns is empty"):
        Window(start_ns=bounds[0], end_ns=bounds[1])


@pytest.mark.parametrize("jobs", [(2, 1), (-1, 3)])
def test_no_jobs_are_no_window(jobs: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"a window of the jobs -?[0-9] to [0-9] is empty"):
        Window(start_ns=0, end_ns=1, jobs=jobs)


def window(start_ns: int, end_ns: int, jobs: tuple[int, int] | None = None) -> Window:
    return Window(start_ns=start_ns, end_ns=end_ns, jobs=jobs)


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (window(120 * NS_PER_MS, 340 * NS_PER_MS), "120ms-340ms"),
        (window(0, 1_500 * NS_PER_MS, (10, 39)), "0ms-1.5s_jobs11-40"),
        (window(1_250, 2 * NS_PER_S), "1.25us-2s"),
        (window(7, 100_000, (0, 0)), "7ns-100us_jobs1-1"),
    ],
)
def test_a_window_is_one_short_word_in_a_url(shown: Window, word: str) -> None:
    assert as_word(shown) == word
    assert from_word(word) == shown


def test_a_word_may_use_any_unit() -> None:
    assert from_word("0.12s-340000us") == window(120 * NS_PER_MS, 340 * NS_PER_MS)


numbers = st.integers(0, 999_999_998)


@given(st.tuples(*[st.integers(0, LATEST_NS)] * 2), st.none() | st.tuples(numbers, numbers))
def test_every_window_is_read_as_it_was_written(
    times_ns: tuple[int, int], jobs: tuple[int, int] | None
) -> None:
    start_ns, end_ns = sorted(times_ns)
    if start_ns == end_ns:
        return
    shown = window(start_ns, end_ns, jobs and (min(jobs), max(jobs)))
    assert from_word(as_word(shown)) == shown


@pytest.mark.parametrize(
    "word",
    [
        "",
        "120ms",
        "120-340",
        "340ms-120ms",
        "5ms-5ms",
        "-5ms-10ms",
        "1e3ms-2e3ms",
        "0ms-NaNms",
        "0.5ns-10ns",
        "0ms-99999999999999s",
        "0ms-86401s",
        "0ms-10ms_jobs0-5",
        "0ms-10ms_jobs5-4",
        "0ms-10ms_jobs1",
        "0ms-10ms_jobs1-9999999999",
        "0ms-10ms_jobs1-2 ",
        "0ms-10ms\n",
        "\u0660ms-\u0661ms",
        "0ms-10ms<script>",
        "jobs0-5",
        "jobs5-4",
        "jobs1",
        "jobs1-2_0ms-10ms",
    ],
)
def test_anything_else_is_no_window(word: str) -> None:
    with pytest.raises(ValueError, match=r"is|a window"):
        from_word(word)


def test_a_window_of_jobs_alone_says_nothing_of_the_time() -> None:
    shown = window(0, LATEST_NS, (10, 39))
    assert shown.shows_all_time
    assert as_word(shown) == "jobs11-40"
    assert from_word("jobs11-40") == shown
    assert not window(0, NS_PER_S, (10, 39)).shows_all_time


@given(st.text())
def test_no_text_does_more_than_be_refused(word: str) -> None:
    try:
        found = from_word(word)
    except ValueError:
        return
    assert from_word(as_word(found)) == found


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (window(120 * NS_PER_MS, 340 * NS_PER_MS), "120 ms to 340 ms"),
        (window(120_100_000, 142_300_000), "120.1 ms to 142.3 ms"),
        (window(1_000, 3_500), "0.00100 ms to 0.00350 ms"),
        (window(9 * NS_PER_S, 60 * NS_PER_S), "9.0 s to 60.0 s"),
        (window(0, LATEST_NS, (10, 39)), "jobs 11 to 40 of 1,000"),
        (window(0, LATEST_NS, (10, 10)), "job 11 of 1,000"),
        (window(0, LATEST_NS), ""),
        (window(0, 10 * NS_PER_MS, (10, 39)), "0.0 ms to 10.0 ms, jobs 11 to 40 of 1,000"),
        (window(0, 10 * NS_PER_MS, (10, 10)), "0.0 ms to 10.0 ms, job 11 of 1,000"),
        (window(0, 10 * NS_PER_MS, (990, 5_000)), "0.0 ms to 10.0 ms, jobs 991 to 1,000 of 1,000"),
    ],
)
def test_a_caption_says_what_is_shown(shown: Window, text: str) -> None:
    assert window_text(shown, 1_000) == text


JOBS = PlotAxes(unit_ns=NS_PER_MS, first_job=10, jobs=30)
STRIP = PlotAxes(unit_ns=NS_PER_S)
PLACES = {"x y": JOBS, "x2 y2": STRIP}
WITHIN = Window(start_ns=0, end_ns=NS_PER_S, jobs=(10, 39))


def box(
    x: tuple[float, float] = (120, 340), y: tuple[float, float] = (0.6, 2.4), name: str = "x y"
) -> dict[str, Any]:
    x_axis, y_axis = name.split()
    return {"xref": x_axis, "yref": y_axis, "x": list(x), "y": list(y)}


def test_a_figure_keeps_what_its_axes_mean() -> None:
    figure = go.Figure(layout={"meta": noted(PLACES)})
    assert axes_of(go.Figure(figure.to_dict())) == PLACES


def test_a_box_is_a_stretch_of_time_and_the_jobs_whose_rows_it_touches() -> None:
    window = window_of(box(), PLACES, WITHIN)
    assert window == Window(start_ns=120 * NS_PER_MS, end_ns=340 * NS_PER_MS, jobs=(11, 12))


@pytest.mark.parametrize(
    ("y", "jobs"),
    [
        ((0.6, 1.4), (11, 11)),
        ((0.9, 1.1), (11, 11)),
        ((-0.4, 0.4), (10, 10)),
        ((1.4, 1.6), (11, 12)),
        ((28.6, 40.0), (39, 39)),
        ((-3.0, -2.0), (10, 10)),
    ],
)
def test_a_row_is_as_high_as_one_unit_around_its_middle(
    y: tuple[float, float], jobs: tuple[int, int]
) -> None:
    window = window_of(box(y=y), PLACES, WITHIN)
    assert window is not None
    assert window.jobs == jobs


def test_a_box_may_be_drawn_from_any_corner() -> None:
    assert window_of(box(x=(340, 120), y=(2.4, 0.6)), PLACES) == window_of(box(), PLACES)


def test_a_box_over_all_jobs_leaves_all_of_them() -> None:
    window = window_of(box(y=(-0.5, 29.5)), PLACES)
    assert window == Window(start_ns=120 * NS_PER_MS, end_ns=340 * NS_PER_MS)


def test_a_box_in_a_strip_is_of_time_in_its_own_unit_and_keeps_the_jobs_in_view() -> None:
    found = window_of(box(x=(0.12, 0.34), name="x2 y2"), PLACES, WITHIN)
    assert found == Window(start_ns=120 * NS_PER_MS, end_ns=340 * NS_PER_MS, jobs=(10, 39))


def test_edges_become_round_numbers_a_little_further_out() -> None:
    window = window_of(box(x=(120.123456, 340.654321)), PLACES)
    assert window is not None
    assert (window.start_ns, window.end_ns) == (120 * NS_PER_MS, 341 * NS_PER_MS)


def test_a_box_is_cut_to_the_window_that_the_chart_shows() -> None:
    within = Window(start_ns=130 * NS_PER_MS, end_ns=300 * NS_PER_MS)
    assert window_of(box(y=(-0.5, 29.5)), PLACES, within) == within


@pytest.mark.parametrize("x", [(-20, -10), (5, 5), (-3, 0)])
def test_a_box_without_time_of_the_runs_is_no_window(x: tuple[float, float]) -> None:
    assert window_of(box(x=x), PLACES) is None


def test_a_box_in_no_plot_of_the_figure_is_no_window() -> None:
    assert window_of(box(name="x7 y7"), PLACES) is None


corners = st.tuples(st.floats(-50, 1_050), st.floats(-50, 1_050))


@given(corners, corners)
def test_a_box_is_always_within_the_window_shown_and_holds_what_is_in_the_box(
    x: tuple[float, float], y: tuple[float, float]
) -> None:
    window = window_of(box(x=x, y=y), PLACES, WITHIN)
    if window is None:
        return
    assert WITHIN.start_ns <= window.start_ns <= max(0, round(min(x) * NS_PER_MS))
    assert min(WITHIN.end_ns, round(max(x) * NS_PER_MS)) <= window.end_ns <= WITHIN.end_ns
    assert window.jobs is not None
    assert 10 <= window.jobs[0] <= window.jobs[1] <= 39
