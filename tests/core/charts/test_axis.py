import numpy as np
import pytest

from core.charts.axis import TimeAxis
from core.text.numbers import NS_PER_MS, NS_PER_S


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
