"""Stop at a signal in order: take nothing new, finish what is queued, then end the workers."""

import asyncio


async def drain_queue(job, count, limit, timeout_s):
    queue = asyncio.Queue()
    results = [None] * count

    async def accept():
        for index in range(count):
            item = index, job(index)
            await queue.put(item)
            await asyncio.sleep(0.01)

    async def work():
        while True:
            index, item = await queue.get()
            try:
                results[index] = await item
            except Exception as error:
                print(repr(error))
            queue.task_done()

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.call_later(timeout_s, stop.set)  # SIGTERM
    accepting = asyncio.create_task(accept())
    workers = [
        asyncio.create_task(work())
        for _ in range(limit)
    ]
    await stop.wait()
    accepting.cancel()
    await queue.join()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(
        accepting, *workers, return_exceptions=True
    )
    return results


def until_the_signal(run):
    """Plan a service that stops at a signal."""
    places = run.places(run.limit)
    for index in range(run.count):
        arrives_ns = index * 10_000_000
        if arrives_ns < run.timeout_ns:
            run.add(
                places, not_before_ns=arrives_ns
            )
        else:
            run.leave_out(run.timeout_ns)
    run.wall_ns = run.timeout_ns
