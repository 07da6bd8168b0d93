"""Take a token from a bucket before each request; the bucket is filled at a fixed rate."""

import asyncio


async def rate_limited(job, count, rate):
    bucket = asyncio.Queue(maxsize=1)

    async def fill():
        while True:
            await bucket.put("token")
            await asyncio.sleep(1 / rate)

    async def ask(index):
        await bucket.get()
        return await job(index)

    filling = asyncio.create_task(fill())
    results = await asyncio.gather(
        *[ask(index) for index in range(count)],
        return_exceptions=True,
    )
    filling.cancel()
    return results


def rate_limited_schedule(run):
    places = run.places(run.count)
    for index in range(run.count):
        token_ns = index * 1_000_000_000 / run.rate
        run.add(places, not_before_ns=token_ns)
