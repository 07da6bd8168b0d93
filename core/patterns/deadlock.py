"""Take two locks in two orders, so that jobs wait for each other until they are cancelled."""

import asyncio


async def deadlock(job, count, timeout_s):
    a, b = asyncio.Lock(), asyncio.Lock()

    async def transfer(index):
        pair = (a, b) if index % 2 == 0 else (b, a)
        first, second = pair
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
