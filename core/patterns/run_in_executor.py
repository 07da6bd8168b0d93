"""Hand blocking jobs to an executor and gather their futures."""

import asyncio
from concurrent.futures import Executor

from core.jobs import BlockingJob


async def run_in_executor(
    job: BlockingJob, count: int, executor: Executor | None
) -> list[object]:
    loop = asyncio.get_running_loop()
    futures = [
        loop.run_in_executor(executor, job, index)
        for index in range(count)
    ]
    return await asyncio.gather(*futures)
