"""Let gather make the tasks, and return the results in the order of the jobs."""

import asyncio


async def gather_results(job, count):
    results = await asyncio.gather(
        *[job(index) for index in range(count)]
    )
    print("results:", *results[:10])
    return results
