"""Do one piece of work after another without an await in between: nobody else has a turn."""

import asyncio


async def greedy(job, count, blocking_job):
    results = [None] * count

    async def work():
        for index in range(0, count, 2):
            results[index] = blocking_job(index)

    _, *slept = await asyncio.gather(
        work(),
        *[
            job(index)
            for index in range(1, count, 2)
        ],
    )
    results[1::2] = slept
    return results
