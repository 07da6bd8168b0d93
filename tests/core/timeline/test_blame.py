"""What a long step was, from rows written by hand and from real threads."""

import numpy as np
import pytest

from core.recording.events import KIND_BITS, NOBODY, WIDTH, Birth, Kind, LaneKind, Then, lane_code
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Cause, State, Timeline
from tests.kit.laws import assert_laws

MS = 1_000_000
Row = tuple[int, ...]
SECOND = lane_code(LaneKind.LOOP, 2)


def built(*rows: Row, has_gil: bool = True) -> Timeline:
    """Return a run of 100 ms, of one job that was created at its start."""
    created = (Kind.CREATED, 0, 0, 0, 0, Birth.COROUTINE, NOBODY)
    events = np.array([created, *rows], dtype=np.int64).reshape(-1, WIDTH).tobytes()
    recording = Recording(events=events, started_ns=0, returned_ns=100 * MS, has_gil=has_gil)
    timeline = assemble(RunSpec(pattern="gather", tasks=1, sleep_s=0), recording)
    assert_laws(timeline, jobs=1)
    return timeline


def step(start_ms: float, end_ms: float, lane: int = 0) -> Row:
    times = (int(start_ms * MS), int(end_ms * MS))
    return (lane << KIND_BITS | Kind.STEP, 0, times[0], *times, Then.YIELDED, NOBODY)


def turn(
    start_ms: float,
    end_ms: float,
    *,
    cpu: int = 0,
    delay: int = 0,
    others: int = 0,
    others_delay: int = 0,
    lane: int = 0,
) -> Row:
    """Return what a loop's thread and others did in a turn, in milliseconds."""
    values = (others_delay, cpu, start_ms, end_ms, delay, others)
    return (lane << KIND_BITS | Kind.TURN, *(int(value * MS) for value in values))


def look(at_ms: int, *, in_call: bool) -> Row:
    return (Kind.HELD, 0, int(in_call), at_ms * MS, at_ms * MS, 1 << 8, NOBODY)


def cause(*rows: Row) -> Cause:
    """Return the cause of the last step, which is that of the job's last span."""
    timeline = built(*rows)
    of_step = Cause(int(timeline.steps.cause[-1]))
    spans = timeline.spans
    assert spans.cause[spans.state == State.RUNNING][-1] == of_step
    return of_step


@pytest.mark.parametrize(
    ("did", "expected"),
    [
        ({"cpu": 30}, Cause.CALCULATION),
        ({"cpu": 1}, Cause.CALL),
        ({"cpu": 1, "delay": 29}, Cause.MACHINE),
        ({"cpu": 1, "others": 29}, Cause.GIL),
        ({"cpu": 1, "others": 15}, Cause.GIL),
        ({"cpu": 1, "others": 4, "others_delay": 25}, Cause.MACHINE),
        ({"cpu": 1, "others": 10}, Cause.CALL),
        ({"cpu": 15, "delay": 15}, Cause.CALCULATION),
        ({"cpu": 5, "delay": 25}, Cause.MACHINE),
        ({"cpu": 5, "delay": 5, "others": 20}, Cause.GIL),
    ],
)
def test_a_step_that_fills_its_turn_was_what_its_thread_did(
    did: dict[str, int], expected: Cause
) -> None:
    assert cause(turn(10, 40, **did), step(10, 40)) is expected


def test_a_step_is_blocking_only_by_its_own_doing() -> None:
    for did, blocks in (({"cpu": 30}, True), ({"delay": 30}, False), ({"others": 30}, False)):
        timeline = built(turn(10, 40, **did), step(10, 40))
        assert timeline.steps.is_blocking.tolist() == [blocks]
        assert timeline.spans.is_blocking.any() == blocks
    assert built(step(10, 40)).steps.is_blocking.tolist() == [True]


def test_without_readings_the_cause_is_not_known() -> None:
    assert cause(step(10, 40)) is Cause.NOT_KNOWN
    assert cause(turn(60, 90, delay=30), step(10, 40)) is Cause.NOT_KNOWN
    assert cause(turn(5, 9, delay=4), step(10, 40)) is Cause.NOT_KNOWN


def test_a_short_step_has_no_cause() -> None:
    timeline = built(turn(10, 19, delay=9), step(10, 19))
    assert (timeline.steps.cause.tolist(), timeline.steps.cause_ns.tolist()) == ([0], [0])


def test_what_excuses_counts_as_much_as_it_can_have_been() -> None:
    rows = turn(10, 60, cpu=25, delay=25), step(10, 30), step(30, 60)
    assert built(*rows).steps.cause.tolist() == [Cause.MACHINE, Cause.MACHINE]
    rows = turn(10, 60, cpu=45, delay=5), step(10, 30), step(30, 60)
    assert built(*rows).steps.cause.tolist() == [Cause.CALCULATION, Cause.CALCULATION]


def test_the_readings_nearest_to_a_step_count() -> None:
    timeline = built(
        turn(10, 32, cpu=22),
        turn(10, 60, cpu=22, delay=28),
        step(10, 30),
        step(34, 60),
    )
    assert timeline.steps.cause.tolist() == [Cause.CALCULATION, Cause.MACHINE]
    assert timeline.steps.cause_ns.tolist() == [20 * MS, 26 * MS]


def test_a_thread_seen_to_wait_in_a_call_did_not_wait_for_the_gil() -> None:
    did = turn(10, 40, cpu=1, others=29)
    assert cause(did, look(20, in_call=True), look(30, in_call=True), step(10, 40)) is Cause.CALL
    assert cause(did, look(20, in_call=False), look(30, in_call=True), step(10, 40)) is Cause.GIL


@pytest.mark.parametrize("on_loop", [True, False])
def test_a_garbage_collection_is_nobodys_fault(on_loop: bool) -> None:
    collected = (Kind.COLLECTED, NOBODY, 0, 12 * MS, 38 * MS, int(on_loop), NOBODY)
    did = {"cpu": 30} if on_loop else {"cpu": 4, "others": 26}
    timeline = built(turn(10, 40, **did), collected, step(10, 40))
    assert timeline.steps.cause.tolist() == [Cause.COLLECTION]
    assert timeline.steps.cause_ns.tolist() == [26 * MS]
    assert cause(collected, step(10, 40)) is Cause.COLLECTION


def test_a_collection_in_a_long_calculation_does_not_excuse_it() -> None:
    collected = (Kind.COLLECTED, NOBODY, 0, 12 * MS, 14 * MS, 1, NOBODY)
    assert cause(turn(10, 40, cpu=30), collected, step(10, 40)) is Cause.CALCULATION


def test_each_loop_has_clocks_of_its_own() -> None:
    timeline = built(
        turn(10, 40, cpu=30),
        turn(10, 90, delay=80, lane=SECOND),
        step(10, 40),
        (SECOND << KIND_BITS | Kind.STEP, NOBODY, 50 * MS, 50 * MS, 80 * MS, 0, NOBODY),
    )
    assert timeline.steps.cause.tolist() == [Cause.CALCULATION, Cause.MACHINE]


def test_without_a_gil_nobody_waits_for_it() -> None:
    waited = turn(10, 40, cpu=1, others=29)
    assert built(waited, step(10, 40), has_gil=False).steps.cause.tolist() == [Cause.CALL]
    delayed = turn(10, 40, cpu=1, others=25, others_delay=20)
    assert built(delayed, step(10, 40), has_gil=False).steps.cause.tolist() == [Cause.MACHINE]
