"""anyio on trio."""
# needs: anyio trio
# jobs: 5
# loops: trio

import anyio


found = []


async def fetch(n):
    await anyio.sleep(0.002 * n)
    found.append(n)


async def main():
    async with anyio.create_task_group() as group:
        for n in range(3):
            group.start_soon(fetch, n)
    print(sorted(found))
    print(await anyio.to_thread.run_sync(abs, -1))


anyio.run(main, backend="trio")
