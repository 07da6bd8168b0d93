"""A job that cleans up behind itself, also when it is cancelled."""

import asyncio
import time

from core.jobs import Plan

CLEANUP_SHARE = 1 / 4


async def cleanup(plan: Plan, index: int) -> str:
    try:
        await asyncio.sleep(plan.sleep_s(index))
        plan.fail_if_chosen(index)
    finally:
        await asyncio.sleep(plan.sleep_s(index) * CLEANUP_SHARE)
        print(time.strftime("%X"), f"job {index + 1} has cleaned up")
    return f"job {index + 1}"
