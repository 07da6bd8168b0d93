"""Ask for the current event loop where there is none, as old code does."""

import asyncio
import warnings

from core.jobs import CoroutineJob


def get_event_loop(job: CoroutineJob, count: int) -> list[object]:
    async def main() -> list[object]:
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    warnings.simplefilter("always")
    # 3.11 makes one, 3.12 and 3.13 warn, too; 3.14 raises RuntimeError.
    loop = asyncio.get_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()
