"""`sys.exit` in a task that nobody awaits, and what the loop's handler is told."""
# jobs: 2
# status: 7

import asyncio
import sys


def say(loop, context):
    print(context["message"], repr(context["exception"]))


async def leaves():
    sys.exit(7)


async def main():
    asyncio.get_running_loop().set_exception_handler(say)
    task = asyncio.create_task(leaves())
    await asyncio.sleep(5)
    print(task)


asyncio.run(main())
