"""An asynchronous wait: the event loop is free while the timer runs."""

import asyncio

from core.jobs import Plan, time_log
from core.workloads import Workload


async def sleep(plan: Plan, index: int) -> str:
    await asyncio.sleep(plan.sleep_s(index))
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


WORKLOAD = Workload(name="sleep", coroutine=sleep)
