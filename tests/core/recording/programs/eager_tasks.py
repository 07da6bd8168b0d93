"""Tasks that begin where they are made."""
# jobs: 4
# python: 3.12

import asyncio


async def at_once():
    return asyncio.current_task().get_name()


async def later():
    inner = asyncio.create_task(at_once(), name="inner")
    await asyncio.sleep(0.01)
    return await inner


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    tasks = [asyncio.create_task(each(), name=each.__name__) for each in (at_once, later)]
    print([task.done() for task in tasks], await asyncio.gather(*tasks))


asyncio.run(main())
