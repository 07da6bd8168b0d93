"""Catch what gather raises: it is the first error, and nobody sees the others."""

import asyncio


async def first_error(job, count):
    async def work(index):
        try:
            return await job(index)
        finally:
            if index % 2:
                raise OSError(
                    f"clean-up {index + 1}"
                )

    tasks = [
        asyncio.create_task(work(index))
        for index in range(count)
    ]
    try:
        return await asyncio.gather(*tasks)
    except (RuntimeError, OSError) as error:
        print(f"seen: {error!r}")
        await asyncio.wait(tasks)
        return [error]
