"""What a loop, its methods, its tasks and handles say of themselves."""
# jobs: 2

import asyncio
import inspect
import re


async def main():
    loop = asyncio.get_running_loop()
    print(loop)
    for name in dir(asyncio.AbstractEventLoop):
        if not name.startswith("_"):
            method = getattr(loop, name)
            print(name, inspect.signature(method), inspect.getdoc(method))
    task = asyncio.create_task(asyncio.sleep(0), name="mine")
    things = loop, task, loop.call_soon(int), loop.call_later(0.01, int)
    for thing in things:
        print(type(thing), isinstance(thing, asyncio.Handle), type(thing).__qualname__)
        print(re.sub("0x[0-9a-f]+|when=[0-9.]+", "...", repr(thing)))
    await task


asyncio.run(main())
