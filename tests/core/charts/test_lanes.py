from collections.abc import Callable

import numpy as np
import pytest

from core.charts.lanes import Lanes, job_lanes, jobs_in_view, worker_lanes
from core.charts.window import Window
from core.recording.events import LaneKind, lane_code
from core.timeline.timeline import LOOP, Integers, State, Timeline
from tests.core.handmade import MS, Span, timeline

THREADS = [lane_code(LaneKind.THREAD, number) for number in (1, 2)]


def jobs_of(spans_each: int, count: int) -> Timeline:
    spans: list[Span] = [
        (job, State.RUNNING, part, part + 1) for job in range(count) for part in range(spans_each)
    ]
    return timeline(*spans, wall_ms=spans_each)


def pooled() -> Timeline:
    """Return three jobs on two threads, and one that ran on the loop."""
    spans: list[tuple[Span, int]] = [
        ((0, State.WORKING, 0, 5), THREADS[0]),
        ((1, State.WORKING, 0, 6), THREADS[1]),
        ((2, State.QUEUED, 0, 5), LOOP),
        ((2, State.WORKING, 5, 9), THREADS[0]),
        ((3, State.WAITING, 0, 3), LOOP),
        ((3, State.RUNNING, 3, 4), LOOP),
    ]
    return timeline(*[span for span, _ in spans], wall_ms=9, lanes=[lane for _, lane in spans])


def test_a_row_for_each_job_holds_all_of_its_spans() -> None:
    lanes = job_lanes(jobs_in_view(4, pooled(), None), pooled())
    assert lanes.names == ("job 1", "job 2", "job 3", "job 4")
    assert lanes.spans.tolist() == [0, 1, 2, 3, 4, 5]
    assert lanes.row.tolist() == [0, 1, 2, 2, 3, 3]


def test_jobs_beyond_those_shown_have_no_row_and_no_span() -> None:
    lanes = job_lanes(np.arange(2), pooled())
    assert lanes.names == ("job 1", "job 2")
    assert lanes.spans.tolist() == [0, 1]


def test_a_job_that_is_not_made_yet_has_a_row_between_those_that_are() -> None:
    run = timeline((1, State.RUNNING, 0, 1), (3, State.RUNNING, 1, 2), wall_ms=2)
    lanes = job_lanes(jobs_in_view(5, run, None), run)
    assert lanes.names == ("job 1", "job 2", "job 3", "job 4", "job 5")
    assert lanes.row.tolist() == [1, 3]


def test_copies_of_jobs_have_rows_below_those_foreseen() -> None:
    run = timeline((0, State.RUNNING, 0, 1), (7, State.RUNNING, 1, 2), wall_ms=2)
    lanes = job_lanes(jobs_in_view(2, run, None), run)
    assert (lanes.names, lanes.numbers) == (("job 1", "job 2", "job 8"), (0, 1, 7))
    assert lanes.row.tolist() == [0, 2]


def test_a_window_of_jobs_has_a_row_for_each_of_them_and_no_other() -> None:
    run = timeline((0, State.RUNNING, 0, 1), (3, State.RUNNING, 1, 2), wall_ms=2)
    window = Window(start_ns=0, end_ns=MS * 2, jobs=(1, 3))
    lanes = job_lanes(jobs_in_view(9, run, window), run, window)
    assert (lanes.names, lanes.row.tolist()) == (("job 2", "job 3", "job 4"), [2])


def test_a_row_for_each_worker_and_the_loop_holds_what_they_did() -> None:
    lanes = worker_lanes(np.arange(4), pooled())
    assert lanes.names == ("loop", "thread-1", "thread-2")
    assert lanes.spans.tolist() == [0, 1, 3, 5]
    assert lanes.row.tolist() == [1, 2, 1, 0]


def test_a_worker_that_did_nothing_for_the_jobs_shown_has_no_row() -> None:
    assert worker_lanes(np.arange(1), pooled()).names == ("thread-1",)


@pytest.mark.parametrize("lanes_of", [job_lanes, worker_lanes])
def test_every_view_takes_a_run_without_jobs(
    lanes_of: Callable[[Integers, Timeline], Lanes],
) -> None:
    lanes = lanes_of(np.arange(0), timeline(wall_ms=1))
    assert lanes.names == ()
    assert len(lanes.spans) == len(lanes.row) == 0


def test_chosen_spans_keep_their_rows() -> None:
    lanes = job_lanes(np.arange(4), pooled())
    chosen = lanes.chosen(np.array([False, True, False, True, False, False]))
    assert chosen.names == lanes.names
    assert chosen.spans.tolist() == [1, 3]
    assert chosen.row.tolist() == [1, 2]
