"""Loops in threads, one of which takes coroutines from the main thread."""
# jobs: 5

import asyncio
import threading

threads = [threading.Thread(target=asyncio.run, args=(asyncio.sleep(0.02),)) for _ in "ab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever)
thread.start()


async def add(a, b):
    await asyncio.sleep(0.005)
    return a + b


futures = [asyncio.run_coroutine_threadsafe(add(n, 1), loop) for n in range(3)]
print([future.result(10) for future in futures])
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
