"""Make every job a task first, then await the tasks in turn."""

import asyncio


async def create_task(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    return [await task for task in tasks]
