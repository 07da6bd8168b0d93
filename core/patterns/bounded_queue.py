"""Let a full queue hold the producer back: nothing is made before it can be taken soon."""

import asyncio


async def bounded_queue(job, count, limit):
    queue = asyncio.Queue(maxsize=limit)
    results = [None] * count

    async def produce():
        for index in range(count):
            await queue.put((index, job(index)))
        for _ in range(limit):
            await queue.put(None)

    async def consume():
        while (
            item := await queue.get()
        ) is not None:
            index, work = item
            results[index] = await work

    await asyncio.gather(
        produce(),
        *[consume() for _ in range(limit)],
    )
    return results
