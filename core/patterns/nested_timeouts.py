"""Nest time-outs: each job has one of its own, and all of them together a longer one."""

import asyncio


async def nested_timeouts(job, count, timeout_s):
    async def limited(index):
        async with asyncio.timeout(timeout_s):
            return await job(index)

    tasks = [
        asyncio.create_task(limited(index))
        for index in range(count)
    ]
    try:
        async with asyncio.timeout(1.6 * timeout_s):
            await asyncio.wait(tasks)
    except TimeoutError:
        print("the outer time-out")
    for task in tasks:
        task.cancel()
    return await asyncio.gather(
        *tasks, return_exceptions=True
    )
