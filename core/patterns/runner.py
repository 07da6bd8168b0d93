"""Run several coroutines in one event loop, one after another, with `asyncio.Runner`."""

import asyncio


def runner(job, count):
    async def main(indexes):
        return await asyncio.gather(
            *[job(index) for index in indexes]
        )

    half = (count + 1) // 2
    with asyncio.Runner() as same_loop:
        first = same_loop.run(main(range(half)))
        second = same_loop.run(
            main(range(half, count))
        )
    return first + second
