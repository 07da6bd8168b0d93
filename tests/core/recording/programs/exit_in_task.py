"""`sys.exit` with a word, in a task."""
# jobs: 1
# status: 1

import asyncio
import sys


async def main():
    await asyncio.sleep(0)
    sys.exit("enough")


asyncio.run(main())
