"""Catch the first error of a gather: it does not stop the other tasks."""

import asyncio

from core.jobs import CoroutineJob


async def gather_error(job: CoroutineJob, count: int) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    try:
        return await asyncio.gather(*tasks)
    except RuntimeError as error:
        others = sum(not task.done() for task in tasks)
        print("gather raised", repr(error), "and", others, "go on")
    await asyncio.wait(tasks)
    return [task.exception() or task.result() for task in tasks]
