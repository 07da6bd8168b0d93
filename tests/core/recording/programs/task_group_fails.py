"""A task group whose traceback ends the program."""
# jobs: 3
# status: 1

import asyncio


async def wrong():
    await asyncio.sleep(0.01)
    raise ValueError("wrong")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(wrong(), name="the wrong one")
        group.create_task(asyncio.sleep(5))


asyncio.run(main())
