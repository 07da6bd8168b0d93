"""A job that cleans up after itself, even when it is cancelled."""

import asyncio

from core.jobs import Plan, time_log
from core.text.language import lazy
from core.workloads import Workload


async def cleanup(plan: Plan, index: int) -> str:
    try:
        await asyncio.sleep(plan.sleep_s(index))
        if index == plan.failing:
            raise RuntimeError(f"job {index + 1} went wrong")
    finally:
        await asyncio.sleep(plan.sleep_s(index) / 4)
        time_log(f"job {index + 1} has cleaned up")
    return f"job {index + 1}"


def _with_cleanup(planned: float, cancelled_after: float) -> float:
    cleanup_s = planned / 4
    if cancelled_after < planned:
        return cancelled_after + cleanup_s
    return min(
        planned + cleanup_s, cancelled_after
    )  # cancelled while it cleans up, it ends at once


WORKLOAD = Workload(name="cleanup", title=lazy("cleanup"), coroutine=cleanup, length=_with_cleanup)
