"""A program that closes its standard output, and its standard error, and goes on."""
# jobs: 2
# says: nothing

import asyncio
import os
import sys


async def main():
    print("the last word", flush=True)
    sys.stdout.close()
    sys.stderr.close()
    os.close(1)
    os.close(2)
    await asyncio.create_task(asyncio.sleep(0.01))


asyncio.run(main())
