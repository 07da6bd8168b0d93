"""Shut a queue down after the last item: whoever finds it empty then is told that no more comes."""

import asyncio
import contextlib


async def shut_down_queue(job, count, limit):
    queue = asyncio.Queue(maxsize=limit)
    results = [None] * count

    async def produce():
        for index in range(count):
            await queue.put((index, job(index)))
        queue.shutdown()

    async def consume():
        ended = asyncio.QueueShutDown
        with contextlib.suppress(ended):
            while True:
                index, work = await queue.get()
                results[index] = await work

    await asyncio.gather(
        produce(),
        *[consume() for _ in range(limit)],
    )
    return results
