"""Catch the first error of a gather: it does not stop the other tasks."""

import asyncio


async def gather_error(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    try:
        return await asyncio.gather(*tasks)
    except RuntimeError as error:
        others = sum(
            not task.done() for task in tasks
        )
        print(f"gather raised {error!r}")
        print(f"{others} others go on")
    await asyncio.wait(tasks)
    return [
        task.exception() or task.result()
        for task in tasks
    ]
