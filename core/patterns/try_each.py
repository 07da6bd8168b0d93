"""Put `try` and `except` around the one `await` that may fail."""

import asyncio


async def try_each(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    results = []
    for task in tasks:
        try:
            results.append(await task)
        except RuntimeError as error:
            results.append(error)
    return results
