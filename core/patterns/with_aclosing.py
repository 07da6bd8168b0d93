"""Leave an async generator by break inside of aclosing, which closes it at once."""

import asyncio
from contextlib import aclosing


async def with_aclosing(job, count):
    connection = asyncio.Lock()

    async def rows():
        async with connection:
            for number in range(10):
                yield number

    async def work(index):
        async with aclosing(rows()) as stream:
            async for _ in stream:
                break
        return await job(index)

    return await asyncio.gather(
        *[work(index) for index in range(count)]
    )
