"""Protocols without streams: UDP, with futures set by hand."""
# jobs: 1

import asyncio


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data[::-1], address)


class Ask(asyncio.DatagramProtocol):
    def __init__(self, answer):
        self.answer = answer

    def connection_made(self, transport):
        transport.sendto(b"hello")

    def datagram_received(self, data, address):
        self.answer.set_result(data)


async def main():
    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    answer = loop.create_future()
    address = server.get_extra_info("sockname")
    client, _ = await loop.create_datagram_endpoint(lambda: Ask(answer), remote_addr=address)
    print(await asyncio.wait_for(answer, 10))
    client.close()
    server.close()
    await asyncio.sleep(0)


asyncio.run(main())
