"""Give each job a time-out of its own."""

import asyncio


async def wait_for(job, count, timeout_s):
    return await asyncio.gather(
        *[
            asyncio.wait_for(job(index), timeout_s)
            for index in range(count)
        ],
        return_exceptions=True,
    )
