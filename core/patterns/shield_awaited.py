"""Shield the jobs from a time-out, and await them before the program ends."""

import asyncio


async def shield_awaited(job, count, timeout_s):
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
        await asyncio.wait(tasks)
    return [
        task.result()
        for task in tasks
        if task.done()
    ]
