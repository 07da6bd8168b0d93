"""Let a limited number of workers take jobs from a queue."""

import asyncio


async def queue_workers(job, count, limit):
    queue = asyncio.Queue()
    results = [None] * count
    for index in range(count):
        queue.put_nowait(index)

    async def worker():
        while not queue.empty():
            index = queue.get_nowait()
            results[index] = await job(index)

    await asyncio.gather(
        *[worker() for _ in range(limit)]
    )
    return results
