"""Who holds what a job waits for, and which jobs wait for one another."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from core.recording.events import NOBODY
from core.recording.holders import LEAST_FORGOTTEN, recorded_holders
from core.timeline.timeline import Deadlock, On, State, Timeline
from tests.kit.laws import assert_laws
from tests.kit.virtual import MS, run_virtually

TENTH = 0.1
Wait = tuple[int, On, int, int]
"""A job, on what it waited, for how many milliseconds, and who held that."""


class Locks:
    """What the jobs of a program share; made in its loop, since it belongs to it."""

    def __init__(self) -> None:
        self.first, self.second = asyncio.Lock(), asyncio.Lock()
        self.condition = asyncio.Condition()
        self.semaphore = asyncio.Semaphore(2)


def recorded(
    work: Callable[[Locks, int], Any], count: int, *, limit_s: float | None = None
) -> Timeline:
    """Run jobs that share locks, and cancel after a while those that wait for ever."""
    shared: list[Locks] = []

    async def job(index: int) -> None:
        await work(shared[0], index)

    async def program(job: Callable[[int], Any], count: int) -> None:
        shared.append(Locks())
        tasks = [asyncio.create_task(job(index)) for index in range(count)]
        _, pending = await asyncio.wait(tasks, timeout=limit_s)
        for task in pending:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    timeline = run_virtually(program, job, count).timeline
    assert_laws(timeline, jobs=count)
    return timeline


def waits(timeline: Timeline) -> list[Wait]:
    """Return the waits that are on something which another job can hold, job by job."""
    spans = timeline.spans
    return [
        (
            int(spans.job[span]),
            On(int(spans.on[span])),
            int(spans.duration_ns[span]) // MS,
            int(spans.holder[span]),
        )
        for span in range(len(spans))
        if spans.state[span] == State.WAITING and spans.on[span] >= On.LOCK
    ]


async def takes_a_lock(locks: Locks, index: int) -> None:
    async with locks.first:
        await asyncio.sleep(TENTH)


async def takes_a_lock_by_hand(locks: Locks, index: int) -> None:
    await locks.first.acquire()
    try:
        await asyncio.sleep(TENTH)
    finally:
        locks.first.release()


@pytest.mark.parametrize("work", [takes_a_lock, takes_a_lock_by_hand])
def test_a_wait_for_a_lock_names_the_job_that_held_it_when_it_began(work: Any) -> None:
    found = waits(recorded(work, 3))
    assert found == [(1, On.LOCK, 100, 0), (2, On.LOCK, 200, 0)]


def test_a_lock_that_is_just_changing_hands_is_held_by_the_job_that_gets_it() -> None:
    async def twice(locks: Locks, index: int) -> None:
        if index == 0:
            await takes_a_lock(locks, index)
        await takes_a_lock(locks, index)

    # job 1 releases the lock, which is promised to job 2 but not yet taken, and asks for it again
    assert waits(recorded(twice, 2)) == [(0, On.LOCK, 100, 1), (1, On.LOCK, 100, 0)]


def test_a_wait_for_a_semaphore_names_the_job_that_has_held_a_slot_for_longest() -> None:
    async def enters(locks: Locks, index: int) -> None:
        async with locks.semaphore:
            await asyncio.sleep(TENTH * (1 + (index == 1)))

    # job 3 gets the slot of job 1 after 100 ms, job 4 that of job 3 or 2
    assert waits(recorded(enters, 4)) == [(2, On.SEMAPHORE, 100, 0), (3, On.SEMAPHORE, 200, 0)]


def test_a_slot_that_is_handed_on_is_held_by_the_job_that_was_woken() -> None:
    async def enters(locks: Locks, index: int) -> None:
        await asyncio.sleep(0.15 if index == 4 else 0)
        async with locks.semaphore:
            await asyncio.sleep(TENTH)

    found = waits(recorded(enters, 5))
    assert found[-1] == (4, On.SEMAPHORE, 50, 2)


def test_a_notified_job_waits_for_the_lock_of_the_condition_of_its_notifier() -> None:
    async def meets(locks: Locks, index: int) -> None:
        async with locks.condition:
            if index == 0:
                await locks.condition.wait()
            else:
                locks.condition.notify_all()
                await asyncio.sleep(TENTH)

    found = waits(recorded(meets, 2))
    assert [each for each in found if each[2]] == [(0, On.CONDITION, 100, 1)]


def test_who_holds_it_is_not_known_where_it_is_no_job() -> None:
    async def program(job: Callable[[int], Any], count: int) -> None:
        lock = asyncio.Lock()
        locks.append(lock)
        async with lock:
            task = asyncio.create_task(job(0))
            await asyncio.sleep(TENTH)
        await task

    async def job(_index: int) -> None:
        async with locks[0]:
            pass

    locks: list[asyncio.Lock] = []
    assert waits(run_virtually(program, job, 1).timeline) == [(0, On.LOCK, 100, NOBODY)]


async def takes_two(locks: Locks, index: int) -> None:
    order = [locks.first, locks.second]
    first, second = order if index % 2 == 0 else order[::-1]
    async with first:
        await asyncio.sleep(TENTH)
        async with second:
            pass


def test_two_locks_in_two_orders_are_a_deadlock_from_the_second_wait_on() -> None:
    timeline = recorded(takes_two, 2, limit_s=1)
    assert waits(timeline) == [(0, On.LOCK, 899, 1), (1, On.LOCK, 899, 0)]
    (found,) = timeline.deadlocks
    assert found.jobs == (1, 0)
    assert found.at_ns // MS == 100


def test_a_job_that_takes_its_own_lock_again_is_a_deadlock_alone() -> None:
    async def again(locks: Locks, index: int) -> None:
        async with locks.first:
            await takes_a_lock(locks, index)

    (found,) = recorded(again, 1, limit_s=1).deadlocks
    assert found == Deadlock(at_ns=found.at_ns, jobs=(0,))


def test_a_circle_may_have_many_members_and_others_wait_outside_of_it() -> None:
    async def philosopher(forks: list[asyncio.Lock], index: int) -> None:
        async with forks[index % 5]:
            await asyncio.sleep(TENTH)
            async with forks[(index + 1) % 5]:
                pass

    forks: list[asyncio.Lock] = []

    async def job(index: int) -> None:
        forks.extend(asyncio.Lock() for _ in range(5 - len(forks)))
        await philosopher(forks, index)

    timeline = recorded(lambda _locks, index: job(index), 6, limit_s=1)
    (found,) = timeline.deadlocks
    assert sorted(found.jobs) == [0, 1, 2, 3, 4]
    assert waits(timeline)[-1][3] == 0


def test_one_order_of_locks_is_no_deadlock() -> None:
    async def in_order(locks: Locks, index: int) -> None:
        async with locks.first, locks.second:
            await asyncio.sleep(TENTH)

    assert recorded(in_order, 3).deadlocks == ()


def test_waits_for_one_another_that_come_one_after_another_are_no_deadlock() -> None:
    async def in_turn(locks: Locks, index: int) -> None:
        await asyncio.sleep(0 if index == 0 else 0.01)
        await takes_a_lock(locks, index)
        await asyncio.sleep(0 if index else 0.05)
        await takes_a_lock(locks, index)

    timeline = recorded(in_turn, 2)
    assert {(job, holder) for job, _, _, holder in waits(timeline)} == {(1, 0), (0, 1)}
    assert timeline.deadlocks == ()


def test_a_lock_is_as_without_recording() -> None:
    bare = asyncio.Lock(), asyncio.Semaphore(2)
    with recorded_holders():
        noted = asyncio.Lock(), asyncio.Semaphore(2)
        assert [vars(each).keys() for each in noted] == [vars(each).keys() for each in bare]
        vars_of: Any = noted[0]
        vars_of._locked = True
        assert vars(noted[0])["_locked"] is vars_of._locked is True
        assert noted[0].locked()
        assert "locked" in repr(noted[0])
    assert noted[0].locked()
    assert "_locked" not in vars(asyncio.Lock)
    assert "_value" not in vars(asyncio.Semaphore)


def test_recordings_inside_of_one_another_note_until_the_outer_one_ends() -> None:
    with recorded_holders():
        with recorded_holders():
            pass
        assert "_locked" in vars(asyncio.Lock)
    assert "_locked" not in vars(asyncio.Lock)


def test_a_lock_and_what_waits_for_it_are_freed_as_without_recording() -> None:
    alive: list[weakref.ref[Any]] = []

    async def program(job: Callable[[int], Any], count: int) -> None:
        lock = asyncio.Lock()
        task = asyncio.create_task(job(0))
        alive.extend((weakref.ref(lock), weakref.ref(task)))
        locks.append(lock)
        async with lock:
            await asyncio.sleep(TENTH)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        locks.clear()
        del lock, task
        # until the next step the loop itself still has what the last one was given
        await asyncio.sleep(0)
        gc.collect()
        found.append([each() for each in alive])

    async def job(_index: int) -> None:
        async with locks[0]:
            pass

    locks: list[asyncio.Lock] = []
    found: list[list[Any]] = []
    run_virtually(program, job, 1)
    assert found == [[None, None]]


def test_waits_that_are_over_are_forgotten_also_in_a_program_that_never_ends() -> None:
    left: list[int] = []
    shared: list[Locks] = []

    async def program(job: Callable[[int], Any], count: int) -> None:
        shared.append(Locks())
        for first in range(0, count, 50):
            await asyncio.gather(*map(job, range(first, first + 50)))
            holders: Any = asyncio.get_running_loop().holders  # type: ignore[attr-defined]
            left.append(len(holders._waits) + len(holders._waits_for_slots))

    async def job(index: int) -> None:
        async with shared[0].first:
            await asyncio.sleep(0)
        async with shared[0].semaphore:
            await asyncio.sleep(0)

    run_virtually(program, job, 2_000)
    assert max(left) < LEAST_FORGOTTEN + 2 * 50
    assert left != sorted(left), "they grow until many are over"
