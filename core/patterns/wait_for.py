"""Give each job a time-out of its own."""

import asyncio

from core.jobs import CoroutineJob


async def wait_for(
    job: CoroutineJob, count: int, timeout_s: float
) -> list[object]:
    return await asyncio.gather(
        *[
            asyncio.wait_for(job(index), timeout_s)
            for index in range(count)
        ],
        return_exceptions=True,
    )
