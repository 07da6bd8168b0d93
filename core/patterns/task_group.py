"""Start every job in a TaskGroup, which waits for all of them at its end."""

import asyncio


async def task_group(job, count):
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(job(index))
            for index in range(count)
        ]
    return [task.result() for task in tasks]
