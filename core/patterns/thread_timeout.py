"""Give up on threads: they cannot be cancelled, and work on for nobody."""

import asyncio

from core.jobs import BlockingJob


async def thread_timeout(
    job: BlockingJob, count: int, timeout_s: float
) -> list[object]:
    return await asyncio.gather(
        *[
            asyncio.wait_for(asyncio.to_thread(job, index), timeout_s)
            for index in range(count)
        ],
        return_exceptions=True,
    )
