"""Asynchronous generators: one that is left in the middle, one that is closed, one that fails."""
# jobs: 2

import asyncio
import contextlib


async def count(name):
    try:
        for n in range(3):
            yield n
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        print(name, "ended")


async def broken():
    yield 1
    raise OSError("broken")


async def main():
    async for n in count("left"):
        print(n)
        break
    async with contextlib.aclosing(count("closed")) as numbers:
        print(await anext(numbers))
    print([n async for n in count("whole")])
    try:
        [n async for n in broken()]
    except OSError as error:
        print(repr(error))
    # the one that was left is closed in a task of the loop's
    await asyncio.sleep(0.01)


asyncio.run(main())
