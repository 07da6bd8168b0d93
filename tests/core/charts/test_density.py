import base64
import io
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.analysis.span_classes import COUNT, class_of, span_classes
from core.charts.dense_lanes import density, lane_set_of
from core.charts.density import (
    PARTS,
    Bins,
    Density,
    Detail,
    Stretches,
    amounts,
    blocks,
    parted,
    picture,
    pixels,
    png,
)
from core.charts.lanes import LaneView
from core.timeline.timeline import State, Timeline
from tests.kit.handmade import MS, timeline
from tests.kit.large import large_run, random_runs
from tests.kit.random_runs import STATES

SPANS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-50, 10**12), st.integers(0, 10**12)), max_size=40
)


def stretches(*spans: tuple[int, int, int]) -> Stretches:
    columns = np.array(spans, dtype=np.int64).reshape(-1, 3).T
    return Stretches(row=columns[0], start_ns=columns[1], end_ns=columns[2])


def test_bins_cover_a_stretch_of_time_with_equal_widths() -> None:
    bins = Bins.over(100, 110, 4)
    assert (bins.width_ns, bins.count) == (3, 4)
    assert bins.edges_ns.tolist() == [100, 103, 106, 109, 112]


@pytest.mark.parametrize("end_ns", [5, 6])
def test_there_is_at_least_one_bin_and_none_shorter_than_a_nanosecond(end_ns: int) -> None:
    bins = Bins.over(5, end_ns, 400)
    assert (bins.width_ns, bins.count) == (1, 1)


def test_a_stretch_counts_in_each_bin_for_as_long_as_it_lies_in_it() -> None:
    found = amounts(stretches((0, 2, 9), (1, 4, 8), (0, 4, 4)), 2, Bins.over(0, 12, 3))
    assert found.time_ns.tolist() == [[2, 4, 1], [0, 4, 0]]
    assert found.begun.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_what_lies_outside_of_the_bins_does_not_count() -> None:
    found = amounts(stretches((0, 0, 10), (0, 20, 99), (0, 50, 60)), 1, Bins.over(10, 30, 2))
    assert found.time_ns.tolist() == [[0, 10]]
    assert found.begun.tolist() == [[0, 1]]


@given(SPANS, st.integers(0, 10**12), st.integers(1, 10**12), st.integers(1, 50))
def test_the_bins_of_a_row_add_up_to_what_of_it_lies_within_them(
    spans: list[tuple[int, int, int]], start_ns: int, length_ns: int, most: int
) -> None:
    timed = [(row, start, start + length) for row, start, length in spans]
    bins = Bins.over(start_ns, start_ns + length_ns, most)
    found = amounts(stretches(*timed), 3, bins)
    inside = [0, 0, 0]
    for row, start, end in timed:
        inside[row] += max(0, min(end, bins.end_ns) - max(start, bins.start_ns))
    assert found.time_ns.sum(axis=1).tolist() == pytest.approx(inside, rel=1e-12)
    assert (found.time_ns >= 0).all()
    assert bins.count <= most


def test_blocks_are_sums_of_neighbours_and_the_last_may_be_smaller() -> None:
    table = np.arange(10, dtype=np.int64).reshape(2, 5)
    assert blocks(table, 1, 2).tolist() == [[1, 5, 4], [11, 15, 9]]
    assert blocks(table, 0, 2).tolist() == [[5, 7, 9, 11, 13]]
    assert blocks(table, 1, 1).tolist() == table.tolist()


def detail_amounts(panels: int) -> dict[str, int]:
    detail = Detail.of_each(panels)
    return asdict(detail) | {"columns_a_bin": 1, "columns": detail.columns}


def test_one_run_and_two_have_full_detail() -> None:
    assert Detail.of_each(1) == Detail.of_each(2)
    assert Detail.of_each(1).marks == 300


def test_the_more_runs_there_are_the_less_detail_has_each_and_none_has_nothing() -> None:
    for fewer, more in ((2, 3), (4, 8), (8, 40)):
        much, less = detail_amounts(fewer), detail_amounts(more)
        assert all(0 < less[name] <= much[name] for name in much)


ALL_KINDS = np.arange(COUNT)


def dense(run: Timeline, view: LaneView, *, columns: int = 7, rows: int = 3) -> Density:
    items = lane_set_of(run, view, (0, int(run.jobs.number.max(initial=0))))
    return density(run, items, Bins.over(0, run.end_ns, columns), rows)


@given(random_runs(), st.integers(1, 40), st.integers(1, 9))
def test_the_cells_hold_the_time_that_jobs_spent_in_each_kind_of_span(
    run: Timeline, columns: int, rows: int
) -> None:
    found = dense(run, LaneView.JOBS, columns=columns, rows=rows)
    shown = class_of(run.spans)
    if (run.spans.state == State.WORKING).any():
        shown = np.where(np.isin(run.spans.state, (State.RUNNING, State.WORKING)), shown, COUNT)
    recorded = np.bincount(shown, weights=run.spans.duration_ns, minlength=COUNT + 1)[:COUNT]
    coarse = found.coarser(2, 3)
    for each in (found, coarse):
        assert each.time_by_class(1).sum(axis=1).tolist() == pytest.approx(recorded, rel=1e-9)
    assert set(found.classes) == set(shown[shown < COUNT])
    begun = (run.spans.duration_ns[shown < COUNT] > 0).sum()
    assert coarse.begun.sum() == found.begun.sum() == begun


@given(random_runs(states=STATES))
def test_no_row_of_jobs_has_more_time_than_its_jobs(run: Timeline) -> None:
    assert dense(run, LaneView.JOBS).shares.sum(axis=0).max() <= 1 + 1e-9


def test_the_last_row_may_have_fewer_jobs_and_is_full_all_the_same() -> None:
    spans = [(job, State.WAITING, 0, 10) for job in range(5)]
    found = dense(timeline(*spans, wall_ms=10), LaneView.JOBS, columns=1, rows=2)
    assert (found.per_row, found.rows) == (3, 2)
    assert found.shares.tolist() == [[[1], [1]]]


def colour(kind: int) -> tuple[int, ...]:
    return tuple(bytes.fromhex(span_classes()[kind].colour[1:]))


def test_a_cell_of_one_kind_has_the_colour_of_the_legend_and_an_empty_one_is_transparent() -> None:
    shares = np.zeros((COUNT, 1, 2))
    shares[State.WAITING, 0, 0] = 1
    assert tuple(pixels(ALL_KINDS, shares)[0, 0]) == (*colour(State.WAITING), 255)
    assert pixels(ALL_KINDS, shares)[0, 1, 3] == 0


def test_the_prevailing_kind_stands_out_where_classes_mix() -> None:
    shares = np.zeros((COUNT, 1, 1))
    shares[[State.WAITING, State.RUNNING], 0, 0] = 0.75, 0.25
    red, *_ = pixels(ALL_KINDS, shares)[0, 0].tolist()
    waiting, running = colour(State.WAITING)[0], colour(State.RUNNING)[0]
    assert abs(red - waiting) < abs(red - running)
    assert red != waiting


def test_the_least_share_is_seen() -> None:
    shares = np.zeros((COUNT, 1, 1))
    shares[State.RUNNING] = 1e-4
    assert pixels(ALL_KINDS, shares)[0, 0, 3] > 80


def test_few_rows_have_gaps_between_them() -> None:
    tall = parted(np.full((2, 3, 4), 255, dtype=np.uint8))
    assert tall.shape == (2 * PARTS, 3, 4)
    assert tall[:, 0, 3].tolist() == ([255] * (PARTS - 1) + [0]) * 2


def test_a_picture_can_be_read_back_as_it_was() -> None:
    drawn = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    head, _, body = png(drawn).partition(",")
    assert head == "data:image/png;base64"
    read = Image.open(io.BytesIO(base64.b64decode(body)))
    assert np.array_equal(np.asarray(read), drawn)


def test_a_picture_that_would_be_too_large_has_fewer_columns() -> None:
    detail = Detail.of_each(8)
    rng = np.random.default_rng(1)
    found = Density(
        classes=ALL_KINDS,
        bins=Bins.over(0, 1_000 * MS, 1_000),
        per_row=1,
        lanes=100,
        time_ns=rng.random((COUNT, 100, 1_000)) * MS / COUNT,
        begun=np.zeros((100, 1_000), dtype=np.int64),
    )
    assert len(picture(found, detail)) <= detail.picture_bytes
    run = large_run(2_000)
    assert len(picture(dense(run, LaneView.JOBS, columns=900, rows=160), detail)) < 20_000
