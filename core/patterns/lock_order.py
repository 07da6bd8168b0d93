"""Take two locks always in the same order, so that somebody can always go on."""

import asyncio


async def lock_order(job, count, timeout_s):
    a, b = asyncio.Lock(), asyncio.Lock()

    async def transfer(index):
        first, second = a, b
        async with first:
            result = await job(index)
            async with second:
                return result

    tasks = [
        asyncio.create_task(transfer(index))
        for index in range(count)
    ]
    await asyncio.wait(tasks, timeout=timeout_s)
    for task in tasks:
        task.cancel()
    return await asyncio.gather(
        *tasks, return_exceptions=True
    )
