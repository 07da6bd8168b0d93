"""Call `asyncio.run` where an event loop is already running."""

import asyncio


async def nested_run(job, count):
    async def main():
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    return asyncio.run(main())
