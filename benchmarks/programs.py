"""The programs that the recorder is measured on: what each of their jobs does."""

import asyncio
import time
from dataclasses import dataclass

from core.jobs import CoroutineJob

STEPS_PER_JOB = 10
CHAIN_DEPTH = 10
WORK_NS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A name for the table, and what each job does."""

    name: str
    job: CoroutineJob


def programs(rounds: int | None = None) -> tuple[Program, ...]:
    """Return the programs; the one that computes does so for so many rounds, or for `WORK_NS`."""
    rounds = rounds_of_work() if rounds is None else rounds

    async def yields(index: int) -> int:
        for _ in range(STEPS_PER_JOB):
            await asyncio.sleep(0)
        return index

    async def sleeps(index: int) -> int:
        await asyncio.sleep(0.01)
        return index

    async def computes(index: int) -> int:
        for _ in range(STEPS_PER_JOB):
            _work(rounds)
            await asyncio.sleep(0)
        return index

    return (
        Program(name=f"`sleep(0)` x {STEPS_PER_JOB}", job=yields),
        Program(name="`sleep(0.01)`", job=sleeps),
        Program(
            name=f"{CHAIN_DEPTH} awaits deep, `sleep(0)` x {STEPS_PER_JOB}",
            job=_chain(CHAIN_DEPTH, sleep_s=0),
        ),
        Program(
            name=f"{CHAIN_DEPTH} awaits deep, `sleep(0.001)` x {STEPS_PER_JOB}",
            job=_chain(CHAIN_DEPTH, sleep_s=0.001),
        ),
        Program(name=f"50 us of work, `sleep(0)`, x {STEPS_PER_JOB}", job=computes),
    )


def _chain(depth: int, *, sleep_s: float) -> CoroutineJob:
    async def descend(level: int) -> None:
        if level > 1:
            await descend(level - 1)
        else:
            for _ in range(STEPS_PER_JOB):
                await asyncio.sleep(sleep_s)

    async def job(index: int) -> int:
        await descend(depth)
        return index

    return job


def _work(rounds: int) -> int:
    total = 0
    for number in range(rounds):
        total += number * number
    return total


def rounds_of_work() -> int:
    """Return for how many rounds `_work` computes for `WORK_NS`; the best of several tries."""
    rounds, times_ns = 1_000, []
    for _ in range(20):
        start_ns = time.process_time_ns()
        _work(rounds)
        times_ns.append(time.process_time_ns() - start_ns)
    return max(1, rounds * WORK_NS // max(1, min(times_ns)))
