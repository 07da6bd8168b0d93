"""uvloop: timers, threads, a server and a child process on a loop that is not asyncio's."""
# needs: uvloop
# jobs: 14
# loops: uvloop

import asyncio
import sys

import uvloop


async def handle(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()


async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def fails():
    await asyncio.sleep(0.001)
    raise ValueError("wrong")


async def main():
    loop = asyncio.get_running_loop()
    print(type(loop).__module__, type(loop).__name__, asyncio.current_task().get_name())
    named = asyncio.create_task(asyncio.sleep(0.01, "slept"), name="named")
    unnamed = asyncio.create_task(asyncio.sleep(0, "slept too"))
    print(named.get_name(), unnamed.get_name(), await asyncio.gather(named, unnamed))
    print(await asyncio.to_thread(abs, -2))
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        print(await asyncio.gather(*[ask(port) for _ in range(3)]))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print('child')", stdout=asyncio.subprocess.PIPE
    )
    print(await child.communicate())
    print(await asyncio.gather(fails(), return_exceptions=True))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(5)
    except TimeoutError:
        print("timed out")


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
