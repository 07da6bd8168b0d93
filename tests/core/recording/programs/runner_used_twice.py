"""One `Runner` for two coroutines, and what their tasks are called."""
# jobs: 2

import asyncio


async def one():
    return asyncio.current_task().get_name()


with asyncio.Runner() as runner:
    print(runner.run(one()), runner.run(one()))
