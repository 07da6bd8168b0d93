"""Do one piece of work after another without an await in between: nobody else has a turn."""

import asyncio


async def greedy(job, count, blocking_job):
    results = [None] * count

    async def work():
        for index in range(0, count, 2):
            results[index] = blocking_job(index)

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
