"""Calls on their way through executors."""

import threading

from core.recording.handed import HandedCall, HandedJob, HandedJobs, claimed_here
from tests.kit.virtual import VirtualClock


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
