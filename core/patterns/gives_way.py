"""Give way after each piece of work, so that others have a turn in between."""

import asyncio


async def gives_way(job, count, blocking_job):
    results = [None] * count

    async def work():
        for index in range(0, count, 2):
            results[index] = blocking_job(index)
            await asyncio.sleep(0)

    async def wait(index):
        results[index] = await job(index)

    await asyncio.gather(
        work(),
        *[
            wait(index)
            for index in range(1, count, 2)
        ],
    )
    return results
