"""What is said of waits for what other jobs held, and of deadlocks."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core import runfile
from core.analysis.findings_text import findings_text
from core.analysis.held import Held, waits_for_holders
from core.timeline.timeline import On
from tests.core.recording.test_holders import (
    TENTH,
    Locks,
    recorded,
    takes_a_lock,
    takes_two,
    waits,
)
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import MS, site_of


async def enters(locks: Locks, index: int) -> None:
    async with locks.semaphore:
        await asyncio.sleep(TENTH)


async def meets(locks: Locks, index: int) -> None:
    async with locks.condition:
        if index == 0:
            await locks.condition.wait()
        else:
            locks.condition.notify_all()
            await asyncio.sleep(TENTH)


def said(work: Callable[[Locks, int], Any], count: int) -> str:
    return findings_text(recorded(work, count))


def test_one_job_that_waited_for_a_lock_is_named_with_the_one_that_held_it() -> None:
    assert said(takes_a_lock, 2) == "Job 2 waited 100 ms for a lock that job 1 held."


def test_jobs_that_a_program_has_named_are_called_so() -> None:
    run = recorded(takes_a_lock, 2)
    run = replace(run, jobs=replace(run.jobs, name=("order 7", "order 8")))
    assert findings_text(run) == "order 8 waited 100 ms for a lock that order 7 held."


def test_of_several_jobs_the_one_that_waited_longest_is_named() -> None:
    assert said(takes_a_lock, 3) == (
        "2 jobs waited for a lock that others held, the longest was job 3: 200 ms, for job 1."
    )


def test_slots_of_a_semaphore_and_the_lock_of_a_condition_are_called_so() -> None:
    assert said(enters, 3) == "Job 3 waited 100 ms for a slot of a semaphore that job 1 held."
    assert said(meets, 2) == ("Job 1 waited 100 ms for the lock of a condition that job 2 held.")


def test_waits_that_are_too_short_to_be_seen_are_not_said() -> None:
    async def is_quick(locks: Locks, index: int) -> None:
        async with locks.first:
            await asyncio.sleep(0)

    timeline = recorded(is_quick, 2)
    assert waits(timeline)
    assert findings_text(timeline) == ""


def test_a_deadlock_is_told_with_the_line_of_each_wait() -> None:
    timeline = recorded(takes_two, 3, limit_s=1)
    line = site_of(takes_two, "async with second")
    text = findings_text(timeline)
    assert text.startswith(
        f"Deadlock after 100 ms: job 2 waited at {line} for a lock that job 1 held; "
        f"job 1 waited at {line} for a lock that job 2 held. "
        "Job 3 waited 1.00 s for a lock that job 1 held. "
    )


def test_a_job_that_waits_for_itself_is_told_so() -> None:
    async def again(locks: Locks, index: int) -> None:
        async with locks.first:
            await takes_a_lock(locks, index)

    text = findings_text(recorded(again, 1, limit_s=1))
    line = site_of(takes_a_lock, "async with")
    assert text.startswith(
        f"Deadlock after 10 ns: job 1 waited at {line} for a lock that it held itself."
    )


def test_waits_of_a_deadlock_are_not_counted_again() -> None:
    found = waits_for_holders(recorded(takes_two, 3, limit_s=1))
    assert [(each.jobs, each.job, each.holder) for each in found] == [(1, 2, 0)]
    assert found == [Held(on=On.LOCK, jobs=1, job=2, holder=0, longest_ns=found[0].longest_ns)]
    assert round(found[0].longest_ns / MS) == 1_000


def test_a_run_file_says_the_same() -> None:
    timeline = recorded(takes_two, 3, limit_s=1)
    (again,) = runfile.load(runfile.dump([timeline]))
    assert again.deadlocks == timeline.deadlocks != ()
    assert findings_text(again) == findings_text(timeline)


def test_jobs_that_are_made_long_before_they_begin_are_counted() -> None:
    assert findings_text(run_sleeping("unbounded_queue", 6, 0.2, limit=2).timeline) == (
        "4 jobs were made long before they began, up to 400 ms."
    )
    assert findings_text(run_sleeping("unbounded_queue", 3, 0.2, limit=2).timeline) == (
        "1 job was made 200 ms before it began."
    )
    assert findings_text(run_sleeping("queue_workers", 6, 0.2, limit=2).timeline) == ""
