"""Let gather return exceptions in the places of results."""

import asyncio

from core.jobs import CoroutineJob


async def gather_exceptions(
    job: CoroutineJob, count: int
) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    return await asyncio.gather(*tasks, return_exceptions=True)
