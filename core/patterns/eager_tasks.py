"""Create tasks that begin at once, inside of create_task, and not when the creator gives way."""

import asyncio


async def eager_tasks(job, count, blocking_job):
    loop = asyncio.get_running_loop()
    loop.set_task_factory(
        asyncio.eager_task_factory
    )
    results = [None] * count
    tasks = []
    for index in range(0, count, 2):
        if index + 1 < count:
            work = job(index + 1)
            task = asyncio.create_task(work)
            tasks.append(task)
        results[index] = blocking_job(index)
    results[1::2] = await asyncio.gather(*tasks)
    return results
