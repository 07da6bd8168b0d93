"""aiohttp: a server with a web socket, and a client with several connections."""
# needs: aiohttp
# jobs: some
# eager: 1

import asyncio

from aiohttp import ClientSession, web


async def hello(request):
    await asyncio.sleep(0.005)
    return web.json_response({"hello": request.match_info["name"]})


async def fails(request):
    raise web.HTTPTeapot


async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data.upper())
    return socket


async def get(session, url):
    async with session.get(url) as response:
        return response.status, await response.text()


async def main():
    app = web.Application()
    app.add_routes(
        [web.get("/hello/{name}", hello), web.get("/fails", fails), web.get("/echo", echo)]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession() as session:
        urls = [f"{url}/hello/{name}" for name in "abc"] + [f"{url}/fails"]
        print(await asyncio.gather(*[get(session, each) for each in urls]))
        async with session.ws_connect(f"{url}/echo") as socket:
            await socket.send_str("hello")
            print((await socket.receive()).data)
    await runner.cleanup()


asyncio.run(main())
