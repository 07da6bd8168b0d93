"""Create tasks that nothing refers to: the garbage collector destroys them."""

import asyncio
import gc


async def unreferenced_tasks(job, count):
    async def begin_on(signal, index):
        work = job(index)
        await signal.wait()
        return await work

    for index in range(count):
        asyncio.create_task(
            begin_on(asyncio.Event(), index)
        )
    await asyncio.sleep(0.1)
    gc.collect()  # Python would do it later
    await asyncio.sleep(0.1)
