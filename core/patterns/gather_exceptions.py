"""Let gather return exceptions in the places of results."""

import asyncio


async def gather_exceptions(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    return await asyncio.gather(
        *tasks, return_exceptions=True
    )
