"""anyio on asyncio: task groups, cancel scopes, streams, and a limiter."""
# needs: anyio
# jobs: 5

import anyio


async def fetch(n, limiter, send):
    async with limiter, send:
        await anyio.sleep(0.002 * n)
        await send.send(n)


async def main():
    send, receive = anyio.create_memory_object_stream(10)
    limiter = anyio.CapacityLimiter(2)
    async with anyio.create_task_group() as group:
        async with send:
            for n in range(3):
                group.start_soon(fetch, n, limiter, send.clone(), name=f"fetch {n}")
        async with receive:
            print(sorted([n async for n in receive]))
        group.start_soon(anyio.sleep_forever)
        await anyio.sleep(0.005)
        group.cancel_scope.cancel()
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep_forever()
    print(scope.cancelled_caught)


anyio.run(main, backend="asyncio")
