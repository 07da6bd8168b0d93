"""Let the event loop set a future's result, asked from a thread: this wakes it."""

import asyncio
import threading


async def call_soon_threadsafe(job, count):
    async def call(index):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        tell = loop.call_soon_threadsafe

        def work():
            try:
                tell(future.set_result, job(index))
            except Exception as error:
                tell(future.set_exception, error)

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
