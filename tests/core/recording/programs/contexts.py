"""Context variables in tasks, threads, callbacks, and in a context that is given."""
# jobs: 4

import asyncio
import contextvars

who = contextvars.ContextVar("who", default="nobody")


async def says(name):
    who.set(name)
    await asyncio.sleep(0)
    return who.get()


async def main():
    loop = asyncio.get_running_loop()
    print(await asyncio.gather(says("a"), says("b")), who.get())
    who.set("main")
    print(await asyncio.to_thread(who.get))
    context = contextvars.copy_context()
    context.run(who.set, "given")
    called = loop.create_future()
    loop.call_soon(lambda: called.set_result(who.get()), context=context)
    loop.call_soon_threadsafe(print, "in order")
    print(await called, who.get())


asyncio.run(main())
