"""Pairs of jobs, a blocking one in a thread and a coroutine, that meet in a given order."""

import asyncio
import threading

from core.patterns import PATTERNS
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, run_here

TOGETHER_S = 10


def run_pairs(pattern: str, count: int, limit: int, *, meets: bool) -> Ran:
    """Run a pattern of both kinds of jobs.

    Where it `meets`, a blocking job goes on only once the coroutine after it has ended: a pattern
    in which that waits for the thread comes to no end in time, and the job returns False.
    """
    met = {index: threading.Event() for index in range(0, count, 2)}

    def blocking(index: int) -> bool:
        return not meets or met[index].wait(TOGETHER_S)

    async def job(index: int) -> bool:
        await asyncio.sleep(0)
        met[index - 1].set()
        return True

    extras = {"blocking_job": blocking, "limit": limit}
    ran = run_here(PATTERNS[pattern], job, count, extras=extras)
    assert_laws(ran.timeline, jobs=count)
    return ran
