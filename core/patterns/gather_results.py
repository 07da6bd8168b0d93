"""Let gather make the tasks, and keep what the jobs return."""

import asyncio

from core.jobs import CoroutineJob


async def gather_results(job: CoroutineJob, count: int) -> list[object]:
    results = await asyncio.gather(
        *[job(index) for index in range(count)]
    )
    print("results:", ", ".join(str(result) for result in results[:10]))
    return results
