"""A service that ends when it is told to, by a handler of the loop."""
# jobs: 3
# posix: handlers of signals in a loop

import asyncio
import os
import signal


async def serves(stop):
    await stop.wait()
    return "stopped"


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    services = [asyncio.create_task(serves(stop)) for _ in "ab"]
    os.kill(os.getpid(), signal.SIGTERM)
    print(await asyncio.gather(*services))


asyncio.run(main())
