"""A job that swallows its cancellation and goes on: what not to do."""

import asyncio

from core.jobs import Plan, time_log
from core.text.language import lazy
from core.workloads import Workload, to_its_end


async def stubborn(plan: Plan, index: int) -> str:
    loop = asyncio.get_running_loop()
    until = loop.time() + plan.sleep_s(index)
    while loop.time() < until:
        try:
            await asyncio.sleep(until - loop.time())
        except asyncio.CancelledError:
            time_log(f"job {index + 1} was cancelled and goes on")
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


WORKLOAD = Workload(name="stubborn", title=lazy("stubborn"), coroutine=stubborn, length=to_its_end)
