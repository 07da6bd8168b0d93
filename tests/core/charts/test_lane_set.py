import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.charts.exact_lanes import LaneView
from core.charts.lane_set import RowKind, lane_set_of, slots
from core.recording.events import LaneKind, lane_code
from core.timeline.timeline import State
from tests.kit.handmade import timeline
from tests.kit.large import in_workers, large_run

LIVES = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 30)), max_size=40)


def columns(lives: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(lives, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table.sum(axis=1)


def test_jobs_one_after_another_are_in_one_slot() -> None:
    assert slots(*columns([(0, 5), (5, 5), (12, 1)])).tolist() == [0, 0, 0]


def test_a_job_takes_the_slot_that_has_been_free_for_longest() -> None:
    assert slots(*columns([(0, 9), (1, 2), (4, 9), (10, 1)])).tolist() == [0, 1, 1, 0]


@given(LIVES)
def test_no_two_jobs_are_in_one_place_at_once_and_no_place_is_one_too_many(
    lives: list[tuple[int, int]],
) -> None:
    start, end = columns(lives)
    end = np.maximum(end, start + 1)
    place = slots(start, end)
    at_once = max((int(((start <= at) & (end > at)).sum()) for at in start), default=0)
    assert int(place.max(initial=-1)) + 1 == at_once
    for number in range(at_once):
        mine = np.flatnonzero(place == number)
        order = mine[np.argsort(start[mine], kind="stable")]
        assert (start[order][1:] >= end[order][:-1]).all()


def test_a_run_all_of_whose_jobs_are_there_at_once_has_a_row_for_each_job() -> None:
    run = large_run(50, at_once=50)
    items = lane_set_of(run, LaneView.JOBS, (0, 49))
    assert (items.kind, items.count, items.first) == (RowKind.JOB, 50, 0)
    assert items.of_span.tolist() == run.spans.job.tolist()


def test_jobs_of_which_few_are_there_at_once_are_shown_in_their_places() -> None:
    items = lane_set_of(large_run(50, at_once=5), LaneView.JOBS, (0, 49))
    assert (items.kind, items.count) == (RowKind.SLOT, 5)


def test_jobs_out_of_view_move_the_first_row() -> None:
    run = large_run(50, at_once=50)
    items = lane_set_of(run, LaneView.JOBS, (10, 19))
    assert (items.count, items.first, int(items.of_job[10])) == (10, 10, 0)


def test_a_run_with_workers_has_a_row_for_each_worker_and_the_loop() -> None:
    run = in_workers(large_run(50), 3)
    for view in LaneView:
        items = lane_set_of(run, view, (0, 49))
        assert items.kind is RowKind.WORKER
        assert items.names == ("loop", "thread-1", "thread-2", "thread-3")
        held = np.isin(run.spans.state, (State.RUNNING, State.WORKING))
        assert not isinstance(items.spans, slice)
        assert items.spans.tolist() == np.flatnonzero(held).tolist()


def test_the_row_of_a_job_is_that_of_its_last_worker_and_one_without_any_has_none() -> None:
    run = timeline((0, State.QUEUED, 0, 9), (1, State.RUNNING, 0, 1), wall_ms=9)
    items = lane_set_of(run, LaneView.WORKERS, (0, 1))
    assert (items.names, items.of_job.tolist()) == (("loop",), [-1, 0])


def test_a_run_in_which_nothing_happened_has_one_empty_row() -> None:
    for view in LaneView:
        assert lane_set_of(timeline(wall_ms=1), view, (0, 0)).count == 1


def test_a_worker_with_a_very_large_number_takes_no_more_memory_than_others() -> None:
    lanes = [lane_code(LaneKind.THREAD, number) for number in (1, 9_999_999)]
    spans = [(job, State.WORKING, 0, 5) for job in range(2)]
    tracemalloc.start()
    try:
        items = lane_set_of(timeline(*spans, wall_ms=5, lanes=lanes), LaneView.WORKERS, (0, 1))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert items.names == ("thread-1", "thread-9999999")
