"""Set a context variable after the tasks were made: none of them sees it."""

import asyncio
import contextvars


async def set_after(job, count):
    user = contextvars.ContextVar("user")

    async def work(index):
        await job(index)
        return user.get("nobody")

    tasks = [
        asyncio.create_task(work(index))
        for index in range(count)
    ]
    user.set("Ada")
    return await asyncio.gather(*tasks)
