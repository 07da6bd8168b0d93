"""Give up on everything inside of a block when its time is over."""

import asyncio

from core.jobs import CoroutineJob


async def timeout(
    job: CoroutineJob, count: int, timeout_s: float
) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(*tasks)
    except TimeoutError:
        cancelled = sum(task.cancelled() for task in tasks)
        print("time-out:", cancelled, "of", count, "cancelled")
    return await asyncio.gather(*tasks, return_exceptions=True)
