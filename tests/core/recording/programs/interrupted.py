"""Ctrl+C while it waits."""
# jobs: 2
# status: -2
# posix: a process that sends a signal to itself

import asyncio
import os
import signal


async def sleeps():
    try:
        await asyncio.sleep(5)
    finally:
        print("cleaned up")


async def main():
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
    await asyncio.create_task(sleeps())


asyncio.run(main())
