"""A job that swallows its cancellation and goes on: what not to do."""

import asyncio
import time

from core.jobs import Plan
from core.workloads import Workload, to_its_end


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


WORKLOAD = Workload(name="stubborn", coroutine=stubborn, length=to_its_end)
