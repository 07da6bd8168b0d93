import pytest

from core.recording.events import NOBODY, Kind, Then, pack_row
from core.timeline.rows import Rows, table_of

FIRST, SECOND = 0, 1


def rows(*of: tuple[int, int, int]) -> Rows:
    """Return rows of so many kinds, jobs and ends."""
    packed = [pack_row(kind, job, 0, 0, end_ns, Then.OK, NOBODY) for kind, job, end_ns in of]
    return table_of(b"".join(packed))


def test_bytes_that_are_not_whole_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="buffer size"):
        table_of(b"half a row")


def test_rows_of_a_job_keep_their_order_when_sorted() -> None:
    some = rows((Kind.STEP, SECOND, 1), (Kind.STEP, FIRST, 2), (Kind.STEP, SECOND, 3))
    assert some.sorted_by_job().end_ns.tolist() == [2, 1, 3]


def test_the_life_of_a_job_is_neither_its_creation_nor_what_was_noticed_beside_it() -> None:
    some = rows(
        (Kind.CREATED, FIRST, 1),
        (Kind.HELD, FIRST, 2),
        (Kind.CANCELLED, FIRST, 3),
        (Kind.STEP, NOBODY, 4),
        (Kind.STEP, FIRST, 5),
    )
    assert some.lives.end_ns.tolist() == [5]
    assert not some.of_kind(Kind.CANCELLED).is_end.any()


def test_the_row_before_is_one_of_the_same_job() -> None:
    some = rows((Kind.STEP, FIRST, 1), (Kind.STEP, FIRST, 2), (Kind.STEP, SECOND, 3))
    assert some.before(some.end_ns, 0).tolist() == [0, 1, 0]
