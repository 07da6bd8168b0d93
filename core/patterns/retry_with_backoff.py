"""Ask again after a pause that is drawn by lot, from a range that doubles each time."""

import asyncio
import random


async def retry_with_backoff(job, count, timeout_s):
    async def ask(index):
        longest_s = 0.1
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    return await job(index)
                except Exception:
                    pause_s = random.uniform(
                        0, longest_s
                    )
                    await asyncio.sleep(pause_s)
                    longest_s *= 2

    return await asyncio.gather(
        *[ask(index) for index in range(count)],
        return_exceptions=True,
    )
