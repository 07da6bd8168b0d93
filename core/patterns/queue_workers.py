"""Let a limited number of workers take jobs from a queue."""

import asyncio

from core.jobs import CoroutineJob


async def queue_workers(
    job: CoroutineJob, count: int, limit: int
) -> list[object]:
    queue: asyncio.Queue[int] = asyncio.Queue()
    results: list[object] = [None] * count
    for index in range(count):
        queue.put_nowait(index)

    async def worker() -> None:
        while not queue.empty():
            index = queue.get_nowait()
            results[index] = await job(index)

    await asyncio.gather(*[worker() for _ in range(limit)])
    return results
