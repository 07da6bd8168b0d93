import pytest

from core.charts.window import Window
from core.timeline.timeline import State
from tests.core.handmade import MS, timeline

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
