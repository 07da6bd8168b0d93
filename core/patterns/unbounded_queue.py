"""Put everything into a queue at once: what the workers cannot take piles up and grows old."""

import asyncio


async def unbounded_queue(job, count, limit):
    queue = asyncio.Queue()
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
