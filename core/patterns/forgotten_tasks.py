"""Create tasks and return without awaiting them: `asyncio.run` cancels what is left."""

import asyncio


async def forgotten_tasks(job, count):
    for index in range(count):
        asyncio.create_task(job(index))
