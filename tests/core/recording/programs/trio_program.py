"""trio: a nursery, a channel, a time-out and a thread."""
# needs: trio
# jobs: 5
# loops: trio

import trio


async def produce(send):
    async with send:
        for n in range(3):
            await send.send(n)


async def consume(receive):
    async for n in receive:
        print(n)


async def main():
    async with trio.open_nursery() as nursery:
        send, receive = trio.open_memory_channel(0)
        nursery.start_soon(produce, send)
        nursery.start_soon(consume, receive)
        with trio.move_on_after(0.05) as scope:
            await trio.sleep_forever()
        print(scope.cancelled_caught)
        nursery.start_soon(trio.sleep, 0)
    print(await trio.to_thread.run_sync(abs, -3))


trio.run(main)
