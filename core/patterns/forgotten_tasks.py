"""Create tasks and return without awaiting them: `asyncio.run` cancels what is left."""

import asyncio

from core.jobs import CoroutineJob


async def forgotten_tasks(job: CoroutineJob, count: int) -> None:
    for index in range(count):
        asyncio.create_task(job(index))
