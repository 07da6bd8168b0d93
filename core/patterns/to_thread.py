"""Hand a blocking function to a thread, so that the event loop stays free."""

import asyncio

from core.jobs import BlockingJob, CoroutineJob


async def to_thread(
    job: CoroutineJob, count: int, blocking_job: BlockingJob
) -> list[object]:
    async def careful(index: int) -> object:
        return await asyncio.to_thread(blocking_job, index)

    return await asyncio.gather(
        *[
            careful(index) if index % 2 == 0 else job(index)
            for index in range(count)
        ]
    )
