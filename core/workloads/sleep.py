"""An asynchronous wait: the event loop is free while the timer runs."""

import asyncio
import time

from core.jobs import Plan
from core.workloads import Workload


async def sleep(plan: Plan, index: int) -> str:
    await asyncio.sleep(plan.sleep_s(index))
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


WORKLOAD = Workload(name="sleep", coroutine=sleep)
