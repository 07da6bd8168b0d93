"""Task groups inside of task groups."""
# jobs: 31

import asyncio


async def grow(depth, found):
    await asyncio.sleep(0)
    found.append(depth)
    if depth:
        async with asyncio.TaskGroup() as group:
            group.create_task(grow(depth - 1, found))
            group.create_task(grow(depth - 1, found))


found = []
asyncio.run(grow(4, found))
print(found)
