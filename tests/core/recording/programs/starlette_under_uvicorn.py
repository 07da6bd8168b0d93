"""An ASGI application under uvicorn: life span, a stream, and work after the response."""
# needs: starlette uvicorn
# jobs: some

import asyncio
import contextlib
import http.client

import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route


found = []


@contextlib.asynccontextmanager
async def lifespan(app):
    print("up")
    yield
    print("down")


async def stream(request):
    async def pieces():
        for n in range(3):
            await asyncio.sleep(0.002)
            yield f"{n} "

    return StreamingResponse(pieces())


def plain(request):
    return PlainTextResponse("plain", background=BackgroundTask(found.append, "afterwards"))


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


async def main():
    app = Starlette(routes=[Route("/stream", stream), Route("/plain", plain)], lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", loop="asyncio"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    for path in ("/stream", "/plain"):
        print(path, await asyncio.to_thread(ask, port, path))
    server.should_exit = True
    await serving
    print(found)


asyncio.run(main())
