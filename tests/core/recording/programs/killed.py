"""`kill -9`, by its own hand."""
# jobs: 2
# status: -9
# posix: signals
# ends: at once

import asyncio
import os
import signal


async def main():
    asyncio.create_task(asyncio.sleep(60), name="sleeper")
    await asyncio.sleep(0.5)
    print("going", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(main())
