"""Let `asyncio.run` make the event loop, run it and close it."""

import asyncio

from core.jobs import CoroutineJob


def asyncio_run(job: CoroutineJob, count: int) -> list[object]:
    async def main() -> list[object]:
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    return asyncio.run(main())
