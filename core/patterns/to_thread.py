"""Hand a blocking function to a thread, so that the event loop stays free."""

import asyncio


async def to_thread(job, count, blocking_job):
    async def call(index):
        return await asyncio.to_thread(
            blocking_job, index
        )

    return await asyncio.gather(
        *[
            job(index) if index % 2 else call(index)
            for index in range(count)
        ]
    )


def to_thread_schedule(run):
    threads = run.places(run.pool)
    loop = run.places(run.count)
    for index in range(run.count):
        if index % 2:
            run.add(loop)
        else:
            run.add(threads, in_worker=True)
