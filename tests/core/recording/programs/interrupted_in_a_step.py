"""Ctrl+C while a task calculates."""
# jobs: 2
# status: 0
# posix: a process that sends a signal to itself

import asyncio
import signal
import traceback


async def calculates():
    await asyncio.sleep(0)
    signal.raise_signal(signal.SIGINT)
    return sum(range(1000))


async def main():
    task = asyncio.create_task(calculates())
    try:
        await asyncio.sleep(5)
    except asyncio.CancelledError as error:
        print(repr(error), task.cancelling(), task.done())
        raise


try:
    asyncio.run(main())
except KeyboardInterrupt:
    traceback.print_exc()
