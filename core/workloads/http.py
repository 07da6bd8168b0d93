"""A request to an HTTP server, which answers after the job's time: the wait is for the network."""

import functools
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from core.jobs import JobKind, Plan, time_log
from core.recording.work import waiting_for_connection
from core.text.language import lazy
from core.workloads import InScript, Workload
from core.workloads.failures import (
    ServiceFailure,
    bad_status,
    clear_errors,
    common_failure,
    disconnected,
    no_answer,
)

TIMEOUT_S = 90.0
"""Longer than any run takes at best: a request that takes so long is stuck, not slow."""
COUNTS_TIMEOUT_S = 5.0
REFUSAL = 503

_opening = threading.Lock()


def why(error: Exception, plan: Plan) -> ServiceFailure | None:
    """Return in our own words what an error of aiohttp means."""
    import aiohttp  # noqa: PLC0415

    if isinstance(error, aiohttp.ClientResponseError):
        return bad_status(error.status, error.message)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return disconnected()
    return common_failure(error, urlsplit(plan.service).netloc, TIMEOUT_S)


def why_blocking(error: Exception, plan: Plan) -> ServiceFailure | None:
    """Return in our own words what an error of urllib3 means."""
    from urllib3 import exceptions  # noqa: PLC0415

    failure = common_failure(error, urlsplit(plan.service).netloc, TIMEOUT_S)
    if failure is None and isinstance(error, exceptions.TimeoutError | exceptions.EmptyPoolError):
        return no_answer(TIMEOUT_S)
    if failure is None and isinstance(error, exceptions.ProtocolError):
        return disconnected()
    return failure


@clear_errors(why)
async def http(plan: Plan, session: Any, index: int) -> str:
    async with session.get(address(plan, index)) as response:
        response.raise_for_status()
        await response.read()
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


@clear_errors(why_blocking)
def http_blocking(plan: Plan, index: int) -> str:
    response = pool(plan.service, plan.connections).request("GET", address(plan, index))
    if response.status >= 400:
        raise bad_status(response.status, response.reason)
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


def address(plan: Plan, index: int) -> str:
    """Return what a job asks for: an answer after its time, a refusal if it shall be refused."""
    status = REFUSAL if plan.is_refused(index) else 200
    rate = f"&rate={plan.rate}" if plan.rate else ""
    return f"{plan.service}?seconds={plan.sleep_s(index)}&status={status}{rate}"


@asynccontextmanager
async def session(plan: Plan) -> AsyncIterator[Any]:
    """Open the session that all coroutine jobs of a run share."""
    import aiohttp  # noqa: PLC0415

    connector = aiohttp.TCPConnector(limit=plan.connections)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as opened:
        yield opened


def pool(service: str, connections: int) -> Any:
    """Return the pool that all blocking jobs of this process share."""
    with _opening:  # or threads that come together would each open one
        return _opened_pool(service, connections)


@functools.lru_cache(maxsize=1)
def _opened_pool(service: str, connections: int) -> Any:
    import urllib3  # noqa: PLC0415

    class Pool(urllib3.HTTPConnectionPool):
        def _get_conn(self, timeout: float | None = None) -> Any:
            with waiting_for_connection():
                return super()._get_conn(timeout or TIMEOUT_S)

    where = urlsplit(service)
    return Pool(
        where.hostname or "",
        where.port,
        maxsize=connections,
        block=True,
        retries=False,
        timeout=TIMEOUT_S,
    )


def served(plan: Plan) -> dict[str, int]:
    """Return how many requests of this run the server has had, and how many at once at most.

    Where it lets in no more than some rate, how many it refused for that is there, too.

    A server that is gone has no counts.
    """
    import http.client  # noqa: PLC0415

    where = urlsplit(plan.service)
    connection = http.client.HTTPConnection(where.netloc, timeout=COUNTS_TIMEOUT_S)
    try:
        connection.request("GET", f"{where.path}/counts")
        counted = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    counts = {"requests": counted["requests"], "at most at once": counted["peak"]}
    return counts | {"refused": counted["refused"]} if plan.rate else counts


SERVER = """class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        _, seconds, status = self.path.split("/")
        time.sleep(float(seconds))
        self.send_response(int(status))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 1024


def start_server():
    server = Server(("127.0.0.1", 0), Answer)
    threading.Thread(
        target=server.serve_forever, daemon=True
    ).start()
    return f"http://127.0.0.1:{server.server_port}\""""
LETS_IN = """free_at, lock = 0, threading.Lock()


def lets_in():
    global free_at
    with lock:
        now = time.monotonic()
        at = max(free_at, now - 1 / plan.rate)
        if at <= now:
            free_at = at + 1 / plan.rate
        return at <= now


"""
WAITS = "        time.sleep(float(seconds))\n"
WAITS_OR_REFUSES = """        if lets_in():
            time.sleep(float(seconds))
        else:
            status = 429
"""


def server(plan: Plan) -> str:
    """Return the server of a script, which refuses by rate if that of the run does."""
    return LETS_IN + SERVER.replace(WAITS, WAITS_OR_REFUSES) if plan.rate else SERVER


ASKED = f"{{plan.sleep_s(index)}}/{{{REFUSAL} if plan.is_refused(index) else 200}}"
SERVER_IMPORTS = (
    "import threading",
    "import time",
    "from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer",
)
IN_SCRIPT = {
    JobKind.COROUTINE: InScript(
        given="session",
        opening=(
            "url = start_server()",
            "connector = aiohttp.TCPConnector(limit=plan.connections)",
            "async with aiohttp.ClientSession(",
            "    url, connector=connector",
            ") as session:",
        ),
        instead={"address(plan, index)": f'f"/{ASKED}"'},
        before=(server,),
        imports=("import aiohttp", *SERVER_IMPORTS),
    ),
    JobKind.BLOCKING: InScript(
        given="url",
        opening=("url = start_server()",),
        instead={
            "pool(plan.service, plan.connections)": "pool",
            "address(plan, index)": f'f"{{url}}/{ASKED}"',
            "raise bad_status(response.status, response.reason)": (
                'raise RuntimeError(f"{response.status} {response.reason}")'
            ),
        },
        before=(
            server,
            """pool = urllib3.PoolManager(
    maxsize=plan.connections, block=True, retries=False
)""",
        ),
        imports=("import urllib3", *SERVER_IMPORTS),
    ),
}
WORKLOAD = Workload(
    name="http",
    title=lazy("web server"),
    coroutine=http,
    blocking=http_blocking,
    opens=session,
    needs="http",
    served=served,
    connects=True,
    limits_rate=True,
    connecting=(("aiohttp/connector.py", "BaseConnector.connect"),),
    imports=("urllib3",),
    in_script=IN_SCRIPT,
    packages={JobKind.COROUTINE: "aiohttp", JobKind.BLOCKING: "urllib3"},
)
