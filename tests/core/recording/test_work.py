"""Calls on their way through executors."""

import threading
from collections import deque

import pytest

from core.recording.events import Kind, Then
from core.recording.marks import MarkedBlockingJob
from core.recording.recorder import Recorder
from core.recording.work import (
    HandedCall,
    HandedJob,
    HandedJobs,
    claimed_here,
    waiting_for_connection,
)
from tests.kit.virtual import MS, VirtualClock, table


def test_the_first_job_that_a_handed_call_makes_claims_it() -> None:
    job, claims = object(), []

    def call() -> str:
        claims.extend([claimed_here(job), claimed_here(job)])
        return "value"

    handed = HandedCall(call, VirtualClock())
    assert handed() == "value"
    assert claims == [handed, None]
    assert handed.taken is not None
    assert handed.at_ns < handed.taken[0]
    assert claimed_here(job) is None


def test_a_call_of_a_known_job_is_claimed_by_no_other() -> None:
    job, claims = object(), []
    handed = HandedCall(lambda: claims.extend([claimed_here(object()), claimed_here(job)]), int)
    handed.job = job
    handed()
    assert claims == [None, handed]


def test_a_call_within_a_call_is_claimed_before_the_outer_one() -> None:
    claims: list[HandedCall | HandedJob | None] = []
    inner = HandedCall(lambda: claims.append(claimed_here(None)), int)

    def call() -> None:
        inner()
        claims.append(claimed_here(None))

    outer = HandedCall(call, int)
    outer()
    assert claims == [inner, outer]


def test_a_call_is_claimed_in_its_own_thread_only() -> None:
    claims: list[HandedJob | None] = []

    def call() -> None:
        thread = threading.Thread(target=lambda: claims.append(claimed_here(None)))
        thread.start()
        thread.join()

    HandedCall(call, int)()
    assert claims == [None]


def test_calls_that_are_expected_are_claimed_in_turn_by_their_index() -> None:
    jobs = HandedJobs()
    first, second, other = HandedJob(1), HandedJob(2), HandedJob(3)
    unhashable = ["index"]
    for index, handed in ((0, first), (0, second), (unhashable, other)):
        jobs.add(index, handed)
    first.is_claimed = True
    assert jobs.claim(0) is second
    assert jobs.claim(0) is None
    assert jobs.claim(["index"]) is None
    assert jobs.claim(unhashable) is other


def waits_for_connection(index: int) -> int:
    with waiting_for_connection():
        clock.move(10 * MS)
    return index


clock = VirtualClock()


def test_a_call_that_another_thread_claims_at_the_same_moment_is_left_to_it() -> None:
    class LooksFull(deque[HandedJob]):
        def __bool__(self) -> bool:
            return True

    jobs = HandedJobs()
    jobs.add(0, HandedJob(1))
    jobs._by_index[0] = LooksFull()
    assert jobs.claim(0) is None


def test_work_that_waits_for_a_connection_is_recorded_in_pieces() -> None:
    recorder = Recorder(clock=clock)
    assert MarkedBlockingJob(waits_for_connection, recorder)(0) == 0
    rows = table(recorder.take().events)[1:]
    assert rows[:, 0].tolist() == [Kind.TAKEN, Kind.WORKED] * 2
    assert (rows[:, 5] % 256).tolist() == [Then.NOTHING, Then.CONNECTION, Then.NOTHING, Then.OK]
    assert (rows[3, 3] - rows[1, 4]) // MS == 10


def test_a_wait_for_a_connection_that_fails_belongs_to_the_job_all_the_same() -> None:
    recorder = Recorder()

    def fails(index: int) -> None:
        with waiting_for_connection():
            raise TimeoutError

    with pytest.raises(TimeoutError):
        MarkedBlockingJob(fails, recorder)(0)
    rows = table(recorder.take().events)
    assert (rows[1:, 5] % 256).tolist()[-3:] == [Then.CONNECTION, Then.NOTHING, Then.FAILED]


def test_a_wait_for_a_connection_outside_of_any_job_is_nothing() -> None:
    assert waits_for_connection(7) == 7
