"""Wait for whatever is done first, again and again."""

import asyncio

from core.jobs import CoroutineJob


async def wait_first(job: CoroutineJob, count: int) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    pending = set(tasks)
    results = []
    while pending:
        done, pending = await asyncio.wait(
            pending, return_when=asyncio.FIRST_COMPLETED
        )
        received = [task.result() for task in done]
        print("received:", *received, "and", len(pending), "to come")
        results += received
    return results
