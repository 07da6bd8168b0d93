"""Wait for whatever is done first, again and again."""

import asyncio


async def wait_first(job, count):
    pending = {
        asyncio.create_task(job(index))
        for index in range(count)
    }
    results = []
    while pending:
        done, pending = await asyncio.wait(
            pending,
            return_when=asyncio.FIRST_COMPLETED,
        )
        received = [task.result() for task in done]
        print("received:", *received)
        print(len(pending), "to come")
        results += received
    return results
