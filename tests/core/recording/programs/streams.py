"""A server and three clients by asyncio's streams."""
# jobs: some

import asyncio


async def handle(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def ask(port, n):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for word in ("one", "two"):
        writer.write(f"{word} {n}\n".encode())
        answers.append((await reader.readline()).decode().strip())
    writer.close()
    await writer.wait_closed()
    return answers


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        print(await asyncio.gather(*[ask(port, n) for n in range(3)]))
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others)


asyncio.run(main())
