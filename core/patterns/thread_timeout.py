"""Stop waiting for threads: they cannot be cancelled, and their results are lost."""

import asyncio


async def thread_timeout(job, count, timeout_s):
    return await asyncio.gather(
        *[
            asyncio.wait_for(
                asyncio.to_thread(job, index),
                timeout_s,
            )
            for index in range(count)
        ],
        return_exceptions=True,
    )
