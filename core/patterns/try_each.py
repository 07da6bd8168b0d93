"""Put `try` and `except` around the one `await` that may fail."""

import asyncio

from core.jobs import CoroutineJob


async def try_each(job: CoroutineJob, count: int) -> list[object]:
    tasks = [asyncio.create_task(job(index)) for index in range(count)]
    results: list[object] = []
    for task in tasks:
        try:
            results.append(await task)
        except RuntimeError as error:
            results.append(error)
    return results
