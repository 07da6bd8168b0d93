"""Who holds asyncio's locks, semaphores and conditions, and who waits for whom in a circle.

A lock of asyncio does not know who holds it. It notes that it is held in an attribute, `_locked`,
and a semaphore how many may still enter, in `_value`. While loops are recorded, these two names
are data descriptors of their classes, which have no `__get__`: a read finds the value where it
always was, in the instance, and a write comes by here. So `vars` of a lock, its `repr` and a
subclass are as without recording, and what takes no lock pays nothing.
Source: CPython, `Lib/asyncio/locks.py`, and `_PyObject_GenericGetAttr` in `Objects/object.c`.
"""

import asyncio
import weakref
from asyncio.events import _get_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .events import NOBODY, UNKNOWN, Kind, pack_row
from .sites import object_awaited

if TYPE_CHECKING:
    from .tracking import Step

HOLDER = int(Kind.HOLDER)
BEGINS, GOES_ON, CIRCLE = 0, 1, 2
MOST_IN_CIRCLE = 10_000
LEAST_FORGOTTEN = 1_000


class Holders:
    """Which jobs of a loop hold what, and which wait for it.

    Locks are known by their `id`; a new one at the same place begins with nothing. What is known of
    waits that are over is forgotten now and then, so that a server may be recorded for days.
    """

    def __init__(self) -> None:
        self._of_locks: dict[int, int] = {}
        self._of_semaphores: dict[int, list[int]] = {}
        self._waits: dict[int, tuple[int, weakref.ref[Any]]] = {}
        self._waits_for_slots: dict[int, tuple[int, weakref.ref[Any]]] = {}
        self._without_holder: dict[int, list[int]] = {}
        self._forget_from = LEAST_FORGOTTEN

    def note_lock(self, lock: int, *, is_held: bool, step: "Step") -> None:
        """Take note that a lock was taken or released by what runs now."""
        if not is_held:
            self._of_locks.pop(lock, None)
            return
        self._of_locks[lock] = step.job
        # they began to wait while the lock was free already, but promised to this job
        for job in self._without_holder.pop(lock, ()):
            if step.job not in (job, NOBODY) and self._still_waits(job, lock):
                step.write(_row(job, step.start_ns, GOES_ON, step.job))

    def note_semaphore(self, semaphore: Any, change: int, job: int) -> None:
        """Take note that slots of a semaphore were taken or given back."""
        holders = self._of_semaphores.setdefault(id(semaphore), [])
        if change < 0:
            # `release` takes the slot for who has waited the longest, and wakes it up
            waiters = semaphore._waiters or ()  # noqa: SLF001 - as the semaphore itself finds it
            waiter = next((each for each in waiters if not each.done()), None)
            holders.append(job if waiter is None else self._job_of(waiter))
        elif job in holders:
            holders.remove(job)
        elif holders:
            del holders[0]

    def forget_semaphore(self, semaphore: int) -> None:
        """Begin with a new semaphore, perhaps where another one was."""
        self._of_semaphores.pop(semaphore, None)

    def note_wait(self, coroutine: Any, waiter: Any, step: "Step") -> None:
        """Record who holds what a coroutine begins to wait for, at the end of the running step."""
        job = step.job
        awaited = object_awaited(coroutine, (asyncio.Lock, asyncio.Semaphore))
        if awaited is None:
            return
        lock = id(awaited)
        self._forget_waits_that_are_over()
        if isinstance(awaited, asyncio.Semaphore):
            self._waits_for_slots[id(waiter)] = job, weakref.ref(waiter)
            holder = next(iter(self._of_semaphores.get(lock, ())), NOBODY)
        else:
            if job != NOBODY:
                self._waits[job] = lock, weakref.ref(waiter)
            holder = self._of_locks.get(lock, UNKNOWN)
            if holder == UNKNOWN and job != NOBODY:
                self._without_holder.setdefault(lock, []).append(job)
        if job == NOBODY or holder < 0:
            return
        step.write(_row(job, step.start_ns, BEGINS, holder))
        for waiting, its_holder in self._circle(job):
            step.write(_row(waiting, step.start_ns, CIRCLE, its_holder))

    def _job_of(self, waiter: Any) -> int:
        """Return who waits for a slot by a future; forget it, as others may come to its place."""
        job, its_waiter = self._waits_for_slots.pop(id(waiter), (UNKNOWN, None))
        return job if its_waiter is not None and its_waiter() is waiter else UNKNOWN

    def _forget_waits_that_are_over(self) -> None:
        if len(self._waits) + len(self._waits_for_slots) < self._forget_from:
            return
        self._waits = {
            job: wait for job, wait in self._waits.items() if self._still_waits(job, wait[0])
        }
        self._waits_for_slots = {
            place: wait for place, wait in self._waits_for_slots.items() if _goes_on(wait[1])
        }
        still = {
            lock: [job for job in jobs if self._still_waits(job, lock)]
            for lock, jobs in self._without_holder.items()
        }
        self._without_holder = {lock: jobs for lock, jobs in still.items() if jobs}
        left = len(self._waits) + len(self._waits_for_slots)
        self._forget_from = max(LEAST_FORGOTTEN, 2 * left)  # each is looked at twice on average

    def _circle(self, first: int) -> list[tuple[int, int]]:
        """Return who waits for whom now, from a job round to itself; nothing if it is no circle."""
        found: list[tuple[int, int]] = []
        job = first
        while len(found) < MOST_IN_CIRCLE and (lock := self._waits.get(job)) is not None:
            if not self._still_waits(job, lock[0]):
                break
            holder = self._of_locks.get(lock[0], NOBODY)
            found.append((job, holder))
            if holder == first:
                return found
            job = holder
        return []

    def _still_waits(self, job: int, lock: int) -> bool:
        waits_for, waiter = self._waits.get(job, (0, None))
        return waits_for == lock and waiter is not None and _goes_on(waiter)


def _goes_on(waiter: "weakref.ref[Any]") -> bool:
    future = waiter()
    return future is not None and not future.done()


def _row(job: int, at_ns: int, what: int, holder: int) -> bytes:
    return pack_row(HOLDER, job, 0, at_ns, at_ns, what, holder)


class _Noted:
    """What stands in a class for an attribute whose writes are noted."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set__(self, owner: Any, value: Any) -> None:
        attributes = owner.__dict__
        before = attributes.get(self.name)
        attributes[self.name] = value
        loop: Any = _get_running_loop()
        holders = getattr(loop, "holders", None)
        if holders is None:
            return
        try:
            self._note(owner, before, value, holders, loop.step)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            loop.give_up(error)

    def _note(self, owner: Any, before: Any, now: Any, holders: Holders, step: "Step") -> None:
        raise NotImplementedError


class _NotedLock(_Noted):
    def _note(self, owner: Any, before: Any, now: Any, holders: Holders, step: "Step") -> None:  # noqa: ARG002
        holders.note_lock(id(owner), is_held=now, step=step)


class _NotedSemaphore(_Noted):
    def _note(self, owner: Any, before: Any, now: Any, holders: Holders, step: "Step") -> None:
        if before is None:
            holders.forget_semaphore(id(owner))
        else:
            holders.note_semaphore(owner, now - before, step.job)


@contextmanager
def recorded_holders() -> Iterator[None]:
    """Note meanwhile, on each recording loop, who takes asyncio's locks and semaphores."""
    noted = ((asyncio.Lock, _NotedLock("_locked")), (asyncio.Semaphore, _NotedSemaphore("_value")))
    # of recordings inside of one another the outer one notes for all
    added = [(kind, each) for kind, each in noted if each.name not in vars(kind)]
    for kind, each in added:
        setattr(kind, each.name, each)
    try:
        yield
    finally:
        for kind, each in added:
            delattr(kind, each.name)
