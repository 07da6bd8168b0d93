"""Make an event loop, run it until a coroutine is complete, and close it."""

import asyncio

from core.jobs import CoroutineJob


def loop_by_hand(job: CoroutineJob, count: int) -> list[object]:
    async def main() -> list[object]:
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()
