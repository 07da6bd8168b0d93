"""End a TaskGroup by an exception that its caller swallows: the rest is cancelled."""

import asyncio


async def stop_group(job, count, timeout_s):
    class Enough(Exception):
        pass

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(job(index))
                for index in range(count)
            ]
            done, _ = await asyncio.wait(
                tasks, timeout=timeout_s
            )
            raise Enough
    except* Enough:
        print("enough:", len(done), "of", count)
    return [
        task.result()
        for task in tasks
        if task in done
    ]
