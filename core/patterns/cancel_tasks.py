"""Cancel the tasks that are not done after a while, then see how each of them ended."""

import asyncio


async def cancel_tasks(job, count, timeout_s):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    _, pending = await asyncio.wait(
        tasks, timeout=timeout_s
    )
    for task in pending:
        task.cancel()
    return await asyncio.gather(
        *tasks, return_exceptions=True
    )
