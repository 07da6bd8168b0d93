"""Let each job wait for its turn, by a condition of which all are told when it may have changed."""

import asyncio


async def condition(job, count):
    changed = asyncio.Condition()
    turn = 0

    async def work(index):
        nonlocal turn
        async with changed:
            await changed.wait_for(
                lambda: turn == index
            )
        result = await job(index)
        async with changed:
            turn += 1
            changed.notify_all()
        return result

    return await asyncio.gather(
        *[work(index) for index in range(count)]
    )
