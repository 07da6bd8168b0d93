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


def runner_schedule(run):
    half = (run.count + 1) // 2
    places = run.places(half)
    for _ in range(half):
        run.add(places)
    # `run` returns when all of the first half
    # have ended.
    places = run.places(half, free_ns=max(run.ends))
    for _ in range(half, run.count):
        run.add(places)
