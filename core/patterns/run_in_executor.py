"""Hand blocking jobs to an executor and gather their futures."""

import asyncio


async def run_in_executor(job, count, executor):
    loop = asyncio.get_running_loop()
    futures = [
        loop.run_in_executor(executor, job, index)
        for index in range(count)
    ]
    return await asyncio.gather(*futures)
