"""A copy of the process, with a loop of its own, and another that ends as the program does."""
# jobs: 2
# posix: a fork
# options: -W ignore::DeprecationWarning

import asyncio
import os
import sys

asyncio.run(asyncio.sleep(0))
sys.stdout.flush()
if os.fork() == 0:
    asyncio.run(asyncio.sleep(0.01))
    os._exit(5)
print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
if os.fork():
    print("the copy ended with", os.wait()[1])
    asyncio.run(asyncio.sleep(0))
else:
    print("the copy", flush=True)
