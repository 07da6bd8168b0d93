from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.axis import Window
from core.charts.boxes import Place, noted, window_of
from core.text.numbers import NS_PER_MS, NS_PER_S
from tests.core.charts.figures import places_of

JOBS = Place(unit_ns=NS_PER_MS, first_job=10, jobs=30)
STRIP = Place(unit_ns=NS_PER_S)
PLACES = {"x y": JOBS, "x2 y2": STRIP}
WITHIN = Window(start_ns=0, end_ns=NS_PER_S, jobs=(10, 39))


def box(
    x: tuple[float, float] = (120, 340), y: tuple[float, float] = (0.6, 2.4), name: str = "x y"
) -> dict[str, Any]:
    x_axis, y_axis = name.split()
    return {"xref": x_axis, "yref": y_axis, "x": list(x), "y": list(y)}


def test_a_figure_keeps_what_its_axes_mean() -> None:
    figure = go.Figure(layout={"meta": noted(PLACES)})
    assert places_of(go.Figure(figure.to_dict())) == PLACES


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
