"""Call a blocking function inside of a coroutine, which holds the event loop."""

import asyncio

from core.jobs import BlockingJob, CoroutineJob


async def blocking_call(
    job: CoroutineJob, count: int, blocking_job: BlockingJob
) -> list[object]:
    async def careless(index: int) -> object:
        # No await: nothing else runs until it returns.
        return blocking_job(index)

    return await asyncio.gather(
        *[
            careless(index) if index % 2 == 0 else job(index)
            for index in range(count)
        ]
    )
