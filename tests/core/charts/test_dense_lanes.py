import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.axis import TimeAxis
from core.charts.dense_lanes import RowKind, density, lane_set_of, lanes_section, slots
from core.charts.density import Bins, Detail
from core.charts.figure import FigureParts
from core.charts.lanes import LaneView
from core.charts.panel import of_jobs
from core.recording.events import LaneKind, lane_code
from core.timeline.timeline import State, Timeline
from tests.core.charts import figures
from tests.kit.handmade import timeline
from tests.kit.large import in_workers, large_run

DETAIL = Detail.of_each(1)


def drawn(run: Timeline, first: int = 0, last: int | None = None) -> FigureParts:
    last = len(run.jobs) - 1 if last is None else last
    run = of_jobs(run, first, last)
    lanes = lane_set_of(run, LaneView.JOBS, (first, last))
    found = density(run, lanes, Bins.over(0, run.end_ns, DETAIL.columns), DETAIL.rows)
    return figures.drawn(lanes_section(found, lanes, [], DETAIL), TimeAxis(end_ns=run.end_ns))


def test_the_picture_covers_the_rows_and_the_time_of_the_run() -> None:
    run = large_run(1_000, at_once=1_000)
    parts = drawn(run)
    (image,) = parts.images
    assert (image["x"], image["y"]) == (0, -0.5)
    assert image["sizex"] * 1e6 >= run.end_ns
    assert image["sizey"] >= 1_000
    assert parts.layout["yaxis"]["range"] == [999.5, -0.5]


def test_a_pointer_reads_the_shares_of_a_cell_and_how_many_spans_begin_there() -> None:
    run = large_run(1_000, at_once=1_000)
    (trace,) = drawn(run).traces
    cells = trace["customdata"]
    rows, columns, numbers = cells.shape
    assert rows <= DETAIL.hover_rows
    assert columns <= DETAIL.hover_columns
    assert trace["z"].shape == (rows, columns)
    names = [line.partition(":")[0] for line in trace["hovertemplate"].split("<br>")[1:-1]]
    assert names == ["ready", "running", "waiting"]
    assert numbers == len(names) + 3
    assert cells[:, :, len(names)].sum() == len(run.spans)
    assert cells[:, :, : len(names)].sum(axis=2).max() <= 1.00001


def test_a_cell_tells_which_jobs_it_sums_up_also_in_a_window_of_some() -> None:
    run = large_run(1_000, at_once=1_000)
    (whole,), (part,) = drawn(run).traces, drawn(run, first=600, last=799).traces
    assert whole["customdata"][0, 0, -2:].tolist() == [1, 56]
    assert whole["customdata"][-1, -1, -2:].tolist() == [953, 1_000]
    assert part["customdata"][0, 0, -2] == 601
    assert part["customdata"][-1, -1, -1] == 800
    numbers = part["customdata"].shape[2]
    first, last = (f"%{{customdata[{place}]:,.0f}}" for place in (numbers - 2, numbers - 1))
    assert part["hovertemplate"].startswith(f"jobs {first} to {last}, ")
    assert all(len(row) == numbers for each in part["customdata"] for row in each)


def test_a_cell_of_a_worker_bears_its_name() -> None:
    (few,) = drawn(in_workers(large_run(100), 2)).traces
    assert [row[0] for row in few["text"]] == ["loop", "thread-1", "thread-2"]
    assert few["hovertemplate"].startswith("%{text}, ")
    (many,) = drawn(in_workers(large_run(400), 100)).traces
    assert many["text"][0][0] == "loop … thread-5"
    assert {len(row) for row in many["text"]} == {many["z"].shape[1]}


@pytest.mark.parametrize(
    ("run", "names"),
    [
        (large_run(1_000, at_once=1_000), ["job 1", "251", "501", "751"]),
        (large_run(100, at_once=5), ["place 1", "2", "3", "4", "5"]),
        (in_workers(large_run(100), 2), ["loop", "thread-1", "thread-2"]),
    ],
    ids=["jobs", "places", "workers"],
)
def test_rows_are_named(run: Timeline, names: list[str]) -> None:
    axis = drawn(run).layout["yaxis"]
    assert axis["ticktext"] == names
    assert np.all(np.diff(axis["tickvals"]) > 0)


def test_a_box_drawn_over_jobs_is_understood_and_one_over_workers_has_no_jobs() -> None:
    axes = drawn(large_run(1_000, at_once=1_000)).axes
    assert (axes["x y"].first_job, axes["x y"].jobs) == (0, 1_000)
    assert drawn(in_workers(large_run(100), 2)).axes == {}


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
