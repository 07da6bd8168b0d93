"""Set a future's result from a thread: the event loop sleeps on, as nothing wakes it."""

import asyncio
import threading


async def set_from_thread(job, count):
    async def call(index):
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def work():
            try:
                future.set_result(job(index))
            except Exception as error:
                future.set_exception(error)

        threading.Thread(target=work).start()
        return await future

    async def tick():
        while True:
            await asyncio.sleep(0.5)

    ticking = asyncio.create_task(tick())
    results = await asyncio.gather(
        *[call(index) for index in range(count)],
        return_exceptions=True,
    )
    ticking.cancel()
    return results
