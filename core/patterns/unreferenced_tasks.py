"""Keep no reference to tasks that nobody else refers to: the garbage collector takes them."""

import asyncio
import gc

from core.jobs import CoroutineJob


async def unreferenced_tasks(job: CoroutineJob, count: int) -> None:
    async def begin_on(signal: asyncio.Event, index: int) -> object:
        work = job(index)
        await signal.wait()
        return await work

    for index in range(count):
        asyncio.create_task(begin_on(asyncio.Event(), index))
    await asyncio.sleep(0.1)
    gc.collect()  # it comes by itself sooner or later
    await asyncio.sleep(0.1)
