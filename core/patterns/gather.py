"""Make every job a task and wait for all of them at once."""

import asyncio


async def gather(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    return await asyncio.gather(*tasks)
