"""Leave a TaskGroup by `return`: it waits for all of its tasks all the same."""

import asyncio


async def leave_group(job, count, timeout_s):
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(job(index))
            for index in range(count)
        ]
        done, _ = await asyncio.wait(
            tasks, timeout=timeout_s
        )
        print("enough:", len(done), "of", count)
        return [
            task.result()
            for task in tasks
            if task in done
        ]
