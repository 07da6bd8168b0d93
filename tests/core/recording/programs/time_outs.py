"""Time-outs of each kind, shields, and cancellations that are taken back."""
# jobs: 7
# before 3.12: 8

import asyncio


async def slow(result):
    await asyncio.sleep(0.05)
    return result


async def stubborn():
    try:
        await asyncio.sleep(5)
    except asyncio.CancelledError as error:
        return f"heard {error}", asyncio.current_task().uncancel()


async def main():
    try:
        async with asyncio.timeout(0.01):
            await asyncio.create_task(slow("never"))
    except TimeoutError as error:
        print("timeout", repr(error.__cause__))
    try:
        await asyncio.wait_for(slow("never"), 0.01)
    except TimeoutError as error:
        print("wait_for", repr(error))
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    print(task.cancel("now"), await task, task.cancelling())
    inner = asyncio.create_task(slow("shielded"))
    outer = asyncio.create_task(wait_shielded(inner))
    await asyncio.sleep(0)
    outer.cancel()
    print(await asyncio.gather(outer, return_exceptions=True), await inner)
    done, pending = await asyncio.wait([asyncio.create_task(slow("late"))], timeout=0.01)
    print(len(done), len(pending), await pending.pop())
    print(await asyncio.create_task(slow("end")))


async def wait_shielded(inner):
    return await asyncio.shield(inner)


# `wait_for` makes a task of its own before Python 3.12 only.
asyncio.run(main())
