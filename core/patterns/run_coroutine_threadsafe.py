"""Hand coroutines to the event loop from threads, and wait there for their results."""

import asyncio


async def run_coroutine_threadsafe(job, count):
    loop = asyncio.get_running_loop()

    def work(index):
        future = asyncio.run_coroutine_threadsafe(
            job(index), loop
        )
        return future.result()

    return await asyncio.gather(
        *[
            asyncio.to_thread(work, index)
            for index in range(count)
        ],
        return_exceptions=True,
    )
