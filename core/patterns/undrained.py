"""Write to a stream without drain: what the other end has not read piles up in the buffer."""

import asyncio
import socket


async def undrained(job, count):
    connect = asyncio.open_connection
    near, far = socket.socketpair()
    _, writer = await connect(sock=near)
    reader, back = await connect(sock=far)
    size, messages, buffered = 1_000_000, [], []

    async def send():
        buffer = writer.transport
        for index in range(count):
            messages.append(job(index))
            writer.write(bytes(size))
            kept = buffer.get_write_buffer_size()
            buffered.append(
                f"{kept / size:.1f} MB buffered"
            )

    async def receive():
        for index in range(count):
            await reader.readexactly(size)
            await messages[index]

    try:
        await asyncio.gather(send(), receive())
    finally:
        writer.close()
        back.close()
    return buffered
