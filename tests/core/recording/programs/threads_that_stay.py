"""A thread that goes on after the main one, with a loop, and a word at the exit."""
# jobs: 2

import asyncio
import atexit
import threading
import time

atexit.register(print, "at exit")


async def goes_on():
    await asyncio.sleep(0.1)
    print("still here")


def work():
    time.sleep(0.05)
    asyncio.run(goes_on())


threading.Thread(target=work).start()
asyncio.run(asyncio.sleep(0.01))
print("main is done")
