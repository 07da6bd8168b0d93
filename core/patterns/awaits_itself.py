"""Await the task that awaits, which would never end: asyncio refuses it."""

import asyncio


async def awaits_itself(job, count):
    async def alone(index):
        await job(index)
        return await asyncio.current_task()

    tasks = [
        asyncio.create_task(alone(index))
        for index in range(count)
    ]
    return await asyncio.gather(
        *tasks, return_exceptions=True
    )
