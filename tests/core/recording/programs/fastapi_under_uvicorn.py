"""FastAPI under uvicorn: an endpoint on the loop, one in a thread, and one that fails."""
# needs: fastapi uvicorn
# jobs: some

import asyncio
import http.client
import logging

import fastapi
import uvicorn

app = fastapi.FastAPI()
logging.getLogger("uvicorn.error").addFilter(lambda record: print(record.msg) or False)


@app.get("/loop")
async def on_loop():
    await asyncio.sleep(0.005)
    return {"from": "the loop"}


@app.get("/thread")
def in_thread():
    return {"from": "a thread"}


@app.get("/fails/{n}")
async def fails(n: int):
    raise fastapi.HTTPException(418, "no coffee")


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


async def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", loop="asyncio"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    for path in ("/loop", "/thread", "/fails/3", "/fails/x", "/nowhere"):
        print(path, await asyncio.to_thread(ask, port, path))
    server.should_exit = True
    await serving


asyncio.run(main())
