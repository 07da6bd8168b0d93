"""Make every job a task first, then await the tasks in turn."""

import asyncio

from core.jobs import CoroutineJob


async def create_task(job: CoroutineJob, count: int) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    return [await task for task in tasks]
