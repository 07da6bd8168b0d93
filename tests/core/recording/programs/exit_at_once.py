"""`os._exit`, which calls nobody."""
# jobs: 2
# status: 4
# ends: at once

import asyncio
import os


async def main():
    asyncio.create_task(asyncio.sleep(60), name="sleeper")
    await asyncio.sleep(0.5)
    print("going", flush=True)
    os._exit(4)


asyncio.run(main())
