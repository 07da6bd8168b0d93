"""Take each result as soon as there is one."""

import asyncio


async def as_completed(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    results = []
    for next_one in asyncio.as_completed(tasks):
        results.append(await next_one)
        print("received:", results[-1])
    return results
