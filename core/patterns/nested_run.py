"""Call `asyncio.run` where an event loop runs already."""

import asyncio

from core.jobs import CoroutineJob


async def nested_run(job: CoroutineJob, count: int) -> list[object]:
    async def main() -> list[object]:
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    return asyncio.run(main())
