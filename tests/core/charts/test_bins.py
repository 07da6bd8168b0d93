import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.bins import Bins, Stretches, amounts, blocks

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
