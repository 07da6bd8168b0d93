"""Let a semaphore admit so many blocking calls to the default pool that threads are left over."""

import asyncio


async def thread_limiter(
    job, count, blocking_job, limit
):
    loop = asyncio.get_running_loop()
    limiter = asyncio.Semaphore(limit)

    async def request(answer):
        await loop.getaddrinfo("localhost", 80)
        return await answer

    async def call(index):
        async with limiter:
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


def thread_limiter_schedule(run):
    threads = run.places(min(run.limit, run.pool))
    loop = run.places(run.count)
    for index in range(run.count):
        if index % 2:
            run.add(loop)
        else:
            run.add(threads, in_worker=True)
