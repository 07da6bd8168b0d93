"""Leave an async generator by break: what it has opened stays open until somebody closes it."""

import asyncio


async def left_by_break(job, count):
    connection = asyncio.Lock()

    async def rows():
        async with connection:
            for number in range(10):
                yield number

    async def work(index):
        stream = rows()
        async for _ in stream:
            break
        return await job(index)

    return await asyncio.gather(
        *[work(index) for index in range(count)]
    )
