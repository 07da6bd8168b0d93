"""Leave a `with ThreadPoolExecutor()` inside of a coroutine, which waits for its threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from core.jobs import BlockingJob, CoroutineJob


async def pool_in_with(
    job: CoroutineJob, count: int, blocking_job: BlockingJob
) -> list[object]:
    async def careless(index: int) -> object:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor() as pool:
            future = loop.run_in_executor(pool, blocking_job, index)
        # Too late: leaving the block has waited, and the loop with it.
        return await future

    return await asyncio.gather(
        *[
            careless(index) if index % 2 == 0 else job(index)
            for index in range(count)
        ]
    )
