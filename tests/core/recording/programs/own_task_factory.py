"""A task factory and a task class of the program's own."""
# jobs: 4

import asyncio


class Task(asyncio.Task):
    """Knows when it was cancelled."""

    heard = None

    def cancel(self, msg=None):
        self.heard = msg
        return super().cancel(msg)


def factory(loop, coro, **options):
    return Task(coro, loop=loop, **options)


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)
    tasks = [loop.create_task(asyncio.sleep(n), name=f"sleep {n}") for n in (0, 5)]
    await tasks[0]
    tasks[1].cancel("enough")
    print(await asyncio.gather(*tasks, return_exceptions=True), tasks[1].heard)
    loop.set_task_factory(None)
    direct = asyncio.Task(asyncio.sleep(0, "direct"), loop=loop)
    print(type(tasks[0]).__name__, await direct)


asyncio.run(main())
