"""Create tasks between pieces of work: none of them begins before the creator gives way."""

import asyncio


async def ordinary_tasks(job, count, blocking_job):
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
