"""Let all jobs meet at a barrier: nobody goes on before the last one is there."""

import asyncio


async def barrier(job, count):
    meeting = asyncio.Barrier(count)

    async def work(index):
        result = await job(index)
        await meeting.wait()
        return result

    return await asyncio.gather(
        *[work(index) for index in range(count)]
    )
