"""Make every job a task and wait for all of them at once."""

import asyncio

from core.jobs import CoroutineJob


async def gather(job: CoroutineJob, count: int) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    return await asyncio.gather(*tasks)
