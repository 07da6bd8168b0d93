"""An error on uvloop: in a callback, in a timer, in a task nobody awaits, and at the end."""
# needs: uvloop
# jobs: 2
# status: 1
# loops: uvloop

import asyncio

import uvloop


def wrong(where):
    raise ValueError(where)


async def fails():
    raise LookupError("nobody asked")


async def main():
    loop = asyncio.get_running_loop()
    handle = loop.call_soon(wrong, "a callback")
    timer = loop.call_later(0.005, wrong, "a timer")
    print(repr(handle), repr(timer), handle.cancelled())
    cancelled = loop.call_soon(print, "never")
    cancelled.cancel()
    print(cancelled.cancelled(), repr(cancelled))
    asyncio.create_task(fails())
    await asyncio.sleep(0.02)
    raise OSError("the end")


uvloop.run(main())
