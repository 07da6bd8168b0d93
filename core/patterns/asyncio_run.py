"""Let `asyncio.run` make the event loop, run it and close it."""

import asyncio


def asyncio_run(job, count):
    async def main():
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    return asyncio.run(main())
