"""A job that swallows its cancellation and goes on: what not to do."""

import asyncio
import time
from functools import partial

from core.jobs import CoroutineJob, Plan


async def stubborn(plan: Plan, index: int) -> str:
    loop = asyncio.get_running_loop()
    until = loop.time() + plan.sleep_s(index)
    while loop.time() < until:
        try:
            await asyncio.sleep(until - loop.time())
        except asyncio.CancelledError:
            print(time.strftime("%X"), f"job {index + 1} was cancelled and goes on")
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def stubborn_job(plan: Plan) -> CoroutineJob:
    """Return the job whose call `index` takes its time, whoever cancels it."""
    return partial(stubborn, plan)
