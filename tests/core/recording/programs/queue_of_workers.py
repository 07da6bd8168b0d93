"""Producers, workers and a queue with a bound; the workers are cancelled at the end."""
# jobs: 6

import asyncio


async def produce(queue, name):
    for n in range(4):
        await queue.put(f"{name}{n}")


async def work(queue, done):
    while True:
        item = await queue.get()
        await asyncio.sleep(0.001)
        done.append(item)
        queue.task_done()


async def main():
    queue, done = asyncio.Queue(2), []
    workers = [asyncio.create_task(work(queue, done), name=f"worker {n}") for n in range(3)]
    await asyncio.gather(produce(queue, "a"), produce(queue, "b"))
    await queue.join()
    for worker in workers:
        worker.cancel("that is all")
    ends = await asyncio.gather(*workers, return_exceptions=True)
    print(sorted(done), [repr(end) for end in ends])


asyncio.run(main())
