"""An asynchronous wait: the event loop is free while the timer runs."""

import asyncio
import time
from functools import partial

from core.jobs import CoroutineJob, Durations


async def sleep(durations: Durations, index: int) -> str:
    await asyncio.sleep(durations[index])
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def sleep_job(durations: Durations) -> CoroutineJob:
    """Return the job whose call `index` sleeps for `durations[index]` without blocking."""
    return partial(sleep, durations)
