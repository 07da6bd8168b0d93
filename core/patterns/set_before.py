"""Set a context variable before the tasks are made: each has a copy of it."""

import asyncio
import contextvars


async def set_before(job, count):
    user = contextvars.ContextVar("user")

    async def work(index):
        await job(index)
        return user.get("nobody")

    user.set("Ada")
    tasks = [
        asyncio.create_task(work(index))
        for index in range(count)
    ]
    return await asyncio.gather(*tasks)
