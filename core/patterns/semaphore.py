"""Let a semaphore admit a limited number of jobs at a time."""

import asyncio

from core.jobs import CoroutineJob


async def semaphore(
    job: CoroutineJob, count: int, limit: int
) -> list[object]:
    admission = asyncio.Semaphore(limit)

    async def admitted(index: int) -> object:
        async with admission:
            return await job(index)

    return await asyncio.gather(
        *[admitted(index) for index in range(count)]
    )
