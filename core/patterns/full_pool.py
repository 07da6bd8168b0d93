"""Let blocking calls fill the loop's default pool, which looks up names for all others, too."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def full_pool(
    job, count, blocking_job, limit
):
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(limit)
    loop.set_default_executor(pool)

    async def request(answer):
        await loop.getaddrinfo("localhost", 80)
        return await answer

    async def call(index):
        return await asyncio.to_thread(
            blocking_job, index
        )

    return await asyncio.gather(
        *[
            request(job(index))
            if index % 2
            else call(index)
            for index in range(count)
        ],
        return_exceptions=True,
    )


def full_pool_schedule(run):
    threads = run.places(run.limit)
    loop = run.places(run.count)
    for index in range(run.count):
        if index % 2:
            run.add(loop)
        else:
            run.add(threads, in_worker=True)
