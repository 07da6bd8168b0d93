"""A crash in C, with faulthandler's word on it."""
# jobs: 2
# status: -11
# posix: signals
# ends: at once

import asyncio
import ctypes
import resource


async def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asyncio.create_task(asyncio.sleep(60), name="sleeper")
    await asyncio.sleep(0.5)
    print("going", flush=True)
    ctypes.string_at(0)


asyncio.run(main())
