"""Stop at a signal by cancelling every task: what is under way and what is queued is lost."""

import asyncio


async def stop_at_once(
    job, count, limit, timeout_s
):
    queue = asyncio.Queue()
    results = [None] * count

    async def accept():
        for index in range(count):
            item = index, job(index)
            await queue.put(item)
            await asyncio.sleep(0.01)

    async def work():
        while not stop.is_set():
            index, item = await queue.get()
            try:
                results[index] = await item
            except Exception as error:
                print(repr(error))
            queue.task_done()

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.call_later(timeout_s, stop.set)  # SIGTERM
    tasks = [asyncio.create_task(accept())] + [
        asyncio.create_task(work())
        for _ in range(limit)
    ]
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(
        *tasks, return_exceptions=True
    )
    return results
