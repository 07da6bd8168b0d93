"""Give each task a context of its own, with another value of the variable."""

import asyncio
import contextvars


async def own_context(job, count):
    user = contextvars.ContextVar("user")

    async def work(index):
        await job(index)
        return user.get("nobody")

    tasks = []
    for index in range(count):
        context = contextvars.copy_context()
        context.run(user.set, f"user {index + 1}")
        task = asyncio.create_task(
            work(index), context=context
        )
        tasks.append(task)
    print(f"here: {user.get('nobody')}")
    return await asyncio.gather(*tasks)
