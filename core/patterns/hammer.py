"""Ask again and again, with hardly a pause, until the server gives in."""

import asyncio


async def hammer(job, count, timeout_s):
    async def ask(index):
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    return await job(index)
                except Exception:
                    await asyncio.sleep(0.01)

    return await asyncio.gather(
        *[ask(index) for index in range(count)],
        return_exceptions=True,
    )
