"""Let a semaphore admit a limited number of jobs at a time."""

import asyncio


async def semaphore(job, count, limit):
    admission = asyncio.Semaphore(limit)

    async def admitted(index):
        async with admission:
            return await job(index)

    return await asyncio.gather(
        *[admitted(index) for index in range(count)]
    )
