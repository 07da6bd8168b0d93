"""A job that cleans up behind itself, also when it is cancelled."""

import asyncio
import time

from core.jobs import Plan
from core.workloads import Workload

CLEANUP_SHARE = 1 / 4


async def cleanup(plan: Plan, index: int) -> str:
    try:
        await asyncio.sleep(plan.sleep_s(index))
        plan.fail_if_chosen(index)
    finally:
        await asyncio.sleep(plan.sleep_s(index) * CLEANUP_SHARE)
        print(time.strftime("%X"), f"job {index + 1} has cleaned up")
    return f"job {index + 1}"


def _with_cleanup(planned: float, cancelled_after: float) -> float:
    share = planned * CLEANUP_SHARE
    if cancelled_after < planned:
        return cancelled_after + share
    return min(planned + share, cancelled_after)  # cancelled while it cleans up, it ends at once


WORKLOAD = Workload(name="cleanup", coroutine=cleanup, length=_with_cleanup)
