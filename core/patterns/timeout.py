"""Cancel everything inside a block when its time is over."""

import asyncio


async def timeout(job, count, timeout_s):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(*tasks)
    except TimeoutError:
        cancelled = sum(
            task.cancelled() for task in tasks
        )
        print(f"time-out: {cancelled} cancelled")
    return await asyncio.gather(
        *tasks, return_exceptions=True
    )
