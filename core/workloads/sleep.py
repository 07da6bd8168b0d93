"""An asynchronous wait: the event loop is free while the timer runs."""

import asyncio
import time
from functools import partial

from core.jobs import CoroutineJob, Plan


async def sleep(plan: Plan, index: int) -> str:
    await asyncio.sleep(plan.sleep_s(index))
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def sleep_job(plan: Plan) -> CoroutineJob:
    """Return the job whose call `index` sleeps for `plan.sleep_s(index)` without blocking."""
    return partial(sleep, plan)
