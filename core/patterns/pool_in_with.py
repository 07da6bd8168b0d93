"""Leave a `with ThreadPoolExecutor()` block inside a coroutine: it waits for its threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def pool_in_with(job, count, blocking_job):
    async def call(index):
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor() as pool:
            future = loop.run_in_executor(
                pool, blocking_job, index
            )
        # too late: the block's end has waited
        return await future

    return await asyncio.gather(
        *[
            job(index) if index % 2 else call(index)
            for index in range(count)
        ]
    )
