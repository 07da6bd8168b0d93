"""Make an event loop, run it until a coroutine is complete, and close it."""

import asyncio


def loop_by_hand(job, count):
    async def main():
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()
