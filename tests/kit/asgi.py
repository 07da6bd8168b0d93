"""A server that is not ours: a small ASGI application under uvicorn, bare or with our loop."""

import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.needs import portable_path
from tests.kit.server import ROOT, free_port

APP = """
import asyncio
import time


async def app(scope, receive, send):
    if scope["path"] == "/blocks":
        time.sleep(0.3)
    elif scope["path"] == "/thread":
        await asyncio.to_thread(time.sleep, 0.01)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})
"""
BLOCKING_LINE = "app.py:8"
RECORDED = ("--loop", "loopscope:new_event_loop")
LIMIT_S = 30.0
KEPT_OPEN_S = 60
"""For how long nobody needs to ask: on a busy machine another server's turn may take long."""


@dataclass(frozen=True)
class AsgiServer:
    """A server that runs, and a connection to it that stays open."""

    process: "subprocess.Popen[str]"
    connection: http.client.HTTPConnection

    def ask(self, path: str = "/") -> float:
        """Make a request and return how many seconds the answer took."""
        began_s = time.perf_counter()
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"ok")
        return time.perf_counter() - began_s


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[AsgiServer]:
    """Run the application in a folder, in which the recorder stands as it is installed."""
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text(APP, encoding="utf-8")
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "core" / "recording", folder / "loopscope", ignore=leave_out)
    port = free_port()
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "app:app", "--port", str(port)),
            *("--lifespan", "off", "--log-level", "warning", "--no-access-log"),
            *("--timeout-keep-alive", f"{KEPT_OPEN_S}", *options),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(folder), portable_path()))),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)) as to:
                _await(process, to)
                yield AsgiServer(process, to)
        finally:
            process.terminate()


def _await(process: "subprocess.Popen[str]", connection: http.client.HTTPConnection) -> None:
    until_s = time.monotonic() + LIMIT_S
    while True:
        try:
            connection.connect()
        except ConnectionRefusedError:
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < until_s
            time.sleep(0.02)
        else:
            return
