"""Wait for whatever is done first, again and again."""

import asyncio

from core.jobs import CoroutineJob


async def wait_first(job: CoroutineJob, count: int) -> list[object]:
    pending = {asyncio.create_task(job(index)) for index in range(count)}
    results = []
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        results += [task.result() for task in done]
        print("received:", *[task.result() for task in done], "and", len(pending), "to come")
    return results
