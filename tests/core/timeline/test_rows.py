""

import numpy as np
import pytest

from core.recording.events import (
    KIND_BITS,
    NOBODY,
    WIDTH,
    Birth,
    Kind,
    LaneKind,
    Then,
    lane_code,
    pack_row,
)
from core.timeline.rows import (
    SILENT_NS,
    SURELY_HOLDS_NS,
    Rows,
    Unended,
    ready_since,
    table_of,
    unended,
)

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


SECOND = lane_code(LaneKind.LOOP, 2) << KIND_BITS
Row = tuple[int, ...]
CREATED = (Kind.CREATED, 0, 0, 10, 0, Birth.COROUTINE, NOBODY)


def rows_of(*rows: Row) -> Rows:
    return Rows(np.array(rows, dtype=np.int64).reshape(-1, WIDTH))


def going_on(
    snapshot: list[Row], *recorded: Row, heard_ns: int = 100, now_ns: int = 100
) -> Unended:
    """Return what goes on after a snapshot."""
    under_way = rows_of(*snapshot).table.tobytes()
    return unended(rows_of(*recorded), under_way, heard_ns=heard_ns, now_ns=now_ns)


def step(start_ns: int, *, job: int = 0, lane: int = 0, site: int = 0) -> Row:
    return (lane | Kind.STEP, job, start_ns, start_ns, 0, site << 8, NOBODY)


def ready(job: int, since_ns: int, *, lane: int = 0, waker: int = NOBODY) -> Row:
    return (lane | Kind.READY, job, since_ns, 0, 0, 0, waker)


def test_a_step_under_way_ends_now_and_was_seen_where_the_snapshot_says() -> None:
    found = going_on([step(50, site=3)], CREATED, now_ns=120)
    assert found.until_ns == 120
    assert found.steps.table.tolist() == [[Kind.STEP, 0, 50, 50, 120, 3 << 8, NOBODY]]
    assert (found.held.kind.tolist(), found.held.place.tolist()) == ([Kind.HELD], [3])


def test_a_step_that_began_after_the_run_was_ended_lasts_for_no_time() -> None:
    found = going_on([step(130)], CREATED, heard_ns=140, now_ns=120)
    assert found.until_ns == 130
    assert (found.steps.start_ns.tolist(), found.steps.end_ns.tolist()) == ([130], [130])


@pytest.mark.parametrize("later", [50, 60])
def test_a_row_of_the_same_loop_since_then_tells_more(later: int) -> None:
    of_row = (Kind.STEP, 0, later, later, 70, Then.TIMER, NOBODY)
    snapshot = [step(50), ready(1, 40), step(55, lane=SECOND), ready(2, 45, lane=SECOND)]
    found = going_on(snapshot, CREATED, of_row)
    assert found.steps.start_ns.tolist() == [55]
    assert found.ready.job.tolist() == [2]


def test_rows_of_before_and_of_other_loops_tell_nothing_of_it() -> None:
    before = (Kind.STEP, 0, 30, 30, 45, Then.YIELDED, NOBODY)
    elsewhere = (SECOND | Kind.STEP, NOBODY, 60, 60, 70, Then.NOTHING, NOBODY)
    assert going_on([step(50)], CREATED, before, elsewhere).steps.start_ns.tolist() == [50]


def test_a_job_that_is_not_known_yet_is_nobody() -> None:
    assert going_on([step(50, job=7)], CREATED).steps.job.tolist() == [NOBODY]


@pytest.mark.parametrize(
    ("began_ns", "waited_ns", "until_ns"),
    [
        (SILENT_NS - SURELY_HOLDS_NS, SILENT_NS + 1, 2 * SILENT_NS + 1),
        (SILENT_NS - SURELY_HOLDS_NS + 1, SILENT_NS + 1, SILENT_NS),
        (SILENT_NS - SURELY_HOLDS_NS + 1, SILENT_NS, 2 * SILENT_NS),
    ],
)
def test_after_a_long_silence_only_a_step_that_had_lasted_is_known_to_go_on(
    began_ns: int, waited_ns: int, until_ns: int
) -> None:
    heard_ns = SILENT_NS
    found = going_on([step(began_ns)], CREATED, heard_ns=heard_ns, now_ns=heard_ns + waited_ns)
    assert found.until_ns == until_ns


def test_where_it_is_not_known_when_the_last_word_came_all_goes_on_until_now() -> None:
    assert going_on([], CREATED, heard_ns=0, now_ns=10 * SILENT_NS).until_ns == 10 * SILENT_NS


def test_jobs_that_could_run_are_ready_since_then_and_the_others_are_not() -> None:
    since_ns, waker = ready_since(np.array([1, 4, 6]), rows_of(ready(4, 40, waker=9), ready(5, 1)))
    assert since_ns.tolist() == [0, 40, 0]
    assert waker.tolist() == [NOBODY, 9, NOBODY]
