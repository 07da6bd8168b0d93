"""Let the first job prepare what all others need, and tell them by an event."""

import asyncio


async def event(job, count):
    prepared = asyncio.Event()

    async def prepare(index):
        result = await job(index)
        prepared.set()
        return result

    async def work(index):
        await prepared.wait()
        return await job(index)

    first, *others = range(count)
    return await asyncio.gather(
        prepare(first), *map(work, others)
    )


def event_schedule(run):
    run.add(run.places(1))
    places = run.places(
        run.count, free_ns=run.ends[0]
    )
    for _ in range(1, run.count):
        run.add(places)
