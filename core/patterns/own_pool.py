"""Give blocking calls a pool of their own, so that the loop's default pool stays free."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def own_pool(job, count, blocking_job, limit):
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(limit)

    async def request(answer):
        await loop.getaddrinfo("localhost", 80)
        return await answer

    async def call(index):
        return await loop.run_in_executor(
            pool, blocking_job, index
        )

    results = await asyncio.gather(
        *[
            request(job(index))
            if index % 2
            else call(index)
            for index in range(count)
        ],
        return_exceptions=True,
    )
    pool.shutdown()
    return results
