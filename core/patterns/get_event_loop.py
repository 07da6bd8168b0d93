"""Ask for the current event loop where none runs, as old code does."""

import asyncio
import warnings


def get_event_loop(job, count):
    async def main():
        return await asyncio.gather(
            *[job(index) for index in range(count)]
        )

    warnings.simplefilter("always")
    # 3.11 makes one, 3.12 and 3.13 also warn,
    # 3.14 raises RuntimeError
    loop = asyncio.get_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()
