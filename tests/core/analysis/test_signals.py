"""Waits for events, conditions and barriers; the patterns' own tests have the sentences of runs."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.analysis.findings_text import findings_text
from core.analysis.signals import signal_texts, signals
from core.jobs import OwnProgram
from core.pattern import AtOnce, Pattern
from core.timeline.timeline import On, Timeline
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import run_virtually


async def waits_in_vain(job: Callable[[int], Any], count: int) -> None:
    never = asyncio.Event()

    async def work(index: int) -> None:
        await job(index)
        if index == 0:
            raise RuntimeError(index)
        await never.wait()

    async with asyncio.TaskGroup() as group:
        for index in range(count):
            group.create_task(work(index))


def in_vain(count: int) -> Timeline:
    async def job(index: int) -> None:
        await asyncio.sleep(0.2 / (index + 1))

    pattern = Pattern(function=waits_in_vain, at_once=AtOnce.ALL, tasks_are_jobs=True)
    return run_virtually(pattern, job, count).timeline


def test_only_waits_for_a_sign_are_signals() -> None:
    (found,) = signals(run_sleeping("event", 3, 0.2).timeline)
    assert (found.on, found.jobs, found.job, found.times, found.waker) == (On.EVENT, 2, 1, 1, 0)
    assert signals(run_sleeping("with_lock", 3, 0.2).timeline) == []
    assert signals(run_sleeping("gather", 3, 0.2).timeline) == []


def test_who_cancels_a_wait_has_given_no_sign() -> None:
    assert list(signal_texts(in_vain(2))) == ["Job 2 waited 100 ms for an event."]
    assert list(signal_texts(in_vain(4))) == [
        "3 jobs waited for an event, the longest was job 4: 150 ms."
    ]


def test_of_tasks_of_ones_own_program_nothing_is_said() -> None:
    own = replace(run_sleeping("event", 3, 0.2).timeline, program=OwnProgram(command=("a.py",)))
    assert signals(own) == []
    assert "for an event" not in findings_text(own)
