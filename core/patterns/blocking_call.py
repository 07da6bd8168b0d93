"""Call a blocking function inside a coroutine, which holds the event loop."""

import asyncio


async def blocking_call(job, count, blocking_job):
    async def call(index):
        # no await: nothing else runs meanwhile
        return blocking_job(index)

    return await asyncio.gather(
        *[
            job(index) if index % 2 else call(index)
            for index in range(count)
        ]
    )
