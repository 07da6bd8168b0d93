"""Await one coroutine after another."""


async def sequential(job, count):
    results = []
    for index in range(count):
        results.append(await job(index))
    return results
