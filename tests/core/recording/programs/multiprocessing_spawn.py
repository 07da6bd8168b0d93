"""A process of multiprocessing with a loop of its own, which answers by a queue."""
# jobs: 2

import asyncio
import multiprocessing


async def answer(queue):
    await asyncio.sleep(0.01)
    queue.put(__name__)


def work(queue):
    asyncio.run(answer(queue))


async def main():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    print(await asyncio.to_thread(queue.get))
    process.join()
    print(process.exitcode)


if __name__ == "__main__":
    asyncio.run(main())
