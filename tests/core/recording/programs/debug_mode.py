"""asyncio's debug mode: slow callbacks, and where tasks, handles and coroutines were made."""
# jobs: 4

import asyncio
import logging
import re
import sys
import time


class FirstLine(logging.Formatter):
    """What is said first, without how long something took and where things are in memory."""

    def format(self, record):
        return re.sub(r"took [0-9.]+|0x[0-9a-f]+", "...", super().format(record).splitlines()[0])


handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(FirstLine())
logging.basicConfig(level=logging.WARNING, handlers=[handler])


def show(what):
    print(re.sub("0x[0-9a-f]+|when=[0-9.]+", "...", repr(what)))
    # ten frames deep at most, so that its outer end may lie elsewhere
    made = what._source_traceback
    print([(entry.name, entry.line) for entry in made if entry.name == "main"])
    print(made[-1].name)


async def slow():
    time.sleep(0.6)


async def fails():
    raise ValueError("a mistake")


def factory(loop, coro, **options):
    return asyncio.Task(coro, loop=loop, **options)


async def main():
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.5
    task = asyncio.create_task(slow(), name="slow one")
    show(task)
    await task
    show(loop.create_task(slow(), name="by the loop"))
    show(loop.call_soon(print, "soon"))
    show(loop.call_later(0.01, print, "later"))
    show(loop.call_at(loop.time() + 0.01, print, "at"))
    show(loop.call_soon_threadsafe(print, "threadsafe"))
    loop.set_task_factory(factory)
    show(asyncio.create_task(fails(), name="wrong one"))
    await asyncio.sleep(0.05)


asyncio.run(main(), debug=True)
