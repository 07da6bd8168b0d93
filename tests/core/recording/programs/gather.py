"""The plain case: `asyncio.run`, and a gather."""
# jobs: 4

import asyncio


async def fetch(n):
    await asyncio.sleep(0.01 * n)
    return n


async def main():
    print(await asyncio.gather(*map(fetch, range(3))))


asyncio.run(main())
