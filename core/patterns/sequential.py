"""Await one coroutine after another."""

from core.jobs import CoroutineJob


async def sequential(job: CoroutineJob, count: int) -> list[object]:
    results = []
    for index in range(count):
        results.append(await job(index))
    return results
