"""Give way after each piece of work, so that others have a turn in between."""

import asyncio


async def gives_way(job, count, blocking_job):
    results = [None] * count

    async def work():
        for index in range(0, count, 2):
            results[index] = blocking_job(index)
            await asyncio.sleep(0)

    _, *slept = await asyncio.gather(
        work(),
        *[
            job(index)
            for index in range(1, count, 2)
        ],
    )
    results[1::2] = slept
    return results
