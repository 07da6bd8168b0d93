"""Shield the jobs from a time-out: they go on, and are lost where nobody awaits them."""

import asyncio


async def shield(job, count, timeout_s):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(
                *map(asyncio.shield, tasks)
            )
    except TimeoutError:
        print("time-out: the program goes on")
        await asyncio.sleep(timeout_s / 2)
    return [
        task.result()
        for task in tasks
        if task.done()
    ]
