"""A coroutine that nobody awaits, a task that nobody keeps, and an error that nobody hears."""
# jobs: 3

import asyncio
import gc


async def never():
    pass


async def fails():
    raise LookupError("nobody asked")


async def main():
    never()
    asyncio.get_running_loop().create_future()
    asyncio.create_task(fails(), name="failed")
    asyncio.create_task(asyncio.sleep(9), name="left over")
    await asyncio.sleep(0.01)
    gc.collect()


asyncio.run(main())
