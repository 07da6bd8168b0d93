"""Calls for threads and for spawned processes."""
# jobs: 6

import asyncio
import concurrent.futures
import functools
import multiprocessing
import time


async def main():
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(time.sleep, 0.01)
    print(await loop.run_in_executor(None, functools.partial(int, "7", base=8)))
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        print(await loop.run_in_executor(pool, abs, -3), list(pool.map(abs, [-1, -2])))


if __name__ == "__main__":
    asyncio.run(main())
