"""The HTTP server of the workload `http`: answers after a while, as asked, and counts requests.

It runs as a process of its own, `python -m core.services.http`: it writes its port, and ends when
its standard input does.
"""

import asyncio
import http.client
import itertools
import math
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from core.errors import Role, ServiceUnavailable, Stuck
from core.processes import ANSWER_LIMIT_S, NotUp, ServerProcess, is_stopped
from core.services import ServiceRecord
from core.spec.bounds import allow_many_open_files
from core.text.language import lazy

if TYPE_CHECKING:
    from aiohttp import web

START_LIMIT_S = 15.0


class HttpServer:
    """The server that this process's runs ask; it is started again if it has died."""

    def __init__(self) -> None:
        self._server = ServerProcess(
            "core.services.http", start_limit_s=START_LIMIT_S, answers=_answers
        )
        self._runs = itertools.count(1)

    @property
    def pid(self) -> int | None:
        """The id of the server's process; None while there is none."""
        return self._server.pid

    def address(self) -> str:
        """Return a base address under which the server counts one run apart from all others.

        Raises:
            ServiceUnavailable: If the server does not come up.
        """
        try:
            port = self._server.line()
        except NotUp as error:
            is_missing = "No module named" in str(error)
            cure = (
                lazy("install what requirements.txt names")
                if is_missing
                else lazy("remove the cause and run again")
            )
            raise ServiceUnavailable(lazy("the HTTP server"), error, cure) from error
        return f"http://127.0.0.1:{port}/{next(self._runs)}"

    def stuck(self) -> list[Stuck]:
        """Return the server's process if it is stopped."""
        pid = self.pid
        return [Stuck(Role.HTTP, pid)] if pid is not None and is_stopped(pid) else []

    def close(self) -> None:
        """End the server and wait for its end."""
        self._server.close()


def _answers(port: str) -> bool:
    """Ask for the counts of a run that there is not."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=ANSWER_LIMIT_S)
    try:
        connection.request("GET", "/0/counts")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


HOST = "127.0.0.1"
WAITING_TO_BE_ACCEPTED = 4096
"""What Linux allows since 5.4 (listen(2), `somaxconn`): jobs that are many come all at once."""
MAX_RUNS = 1_000
MAX_DELAY_S = 120.0
MAX_RATE = 100_000
STATUSES = range(200, 600)


@dataclass(slots=True)
class Count:
    """How many requests a run has made, how many are in here now, and how many were at most.

    `refused` is how many came faster than the run's rate, by the token bucket `bucket`.
    """

    requests: int = 0
    now: int = 0
    peak: int = 0
    refused: int = 0
    bucket: "Bucket" = field(default_factory=lambda: Bucket())  # noqa: PLW0108 - defined below

    def __enter__(self) -> None:
        """Count a request that comes."""
        self.requests += 1
        self.now += 1
        self.peak = max(self.peak, self.now)

    def __exit__(self, *exception: object) -> None:
        """Count a request that goes, answered or not."""
        self.now -= 1


@dataclass(slots=True)
class Bucket:
    """A token bucket that holds two tokens: a request takes one, and one comes after each interval.

    It is kept as the moment from which on its tokens are all there but one, which is exact for any
    rate. With one token only, a client that keeps the rate would be refused for being a little
    early.

    Source: the generic cell rate algorithm, as virtual scheduling, ITU-T I.371.
    """

    free_s: float = -math.inf

    def takes(self, rate: float, now_s: float) -> bool:
        """Return whether there is a token for a request that comes now, and take it."""
        at_s = max(self.free_s, now_s - 1 / rate)
        if at_s > now_s:
            return False
        self.free_s = at_s + 1 / rate
        return True


class Counts:
    """The counts of the latest runs, by their names in the address."""

    def __init__(self, most: int = MAX_RUNS) -> None:
        """Hold `most` runs; the one whose first request is longest ago is dropped first."""
        self._most = most
        self._runs: OrderedDict[str, Count] = OrderedDict()

    def of(self, run: str) -> Count:
        """Return the count of a run, to be entered by each of its requests."""
        if run not in self._runs:
            if len(self._runs) >= self._most:
                self._runs.popitem(last=False)
            self._runs[run] = Count()
        return self._runs[run]

    def as_dict(self, run: str) -> dict[str, int]:
        """Return what was counted of a run, as plain data; zeros for one that is not known."""
        count = self._runs.get(run, Count())
        return {"requests": count.requests, "peak": count.peak, "refused": count.refused}


def application() -> "web.Application":
    """Return the application: `/RUN?seconds=S&status=N&rate=R` and `/RUN/counts`.

    A run with a rate is refused what comes faster, at once and with 429.
    """
    from aiohttp import web  # noqa: PLC0415

    counts = Counts()

    async def answer(request: web.Request) -> web.Response:
        query = request.query
        asked = _asked(query.get("seconds"), query.get("status"), query.get("rate"))
        count = counts.of(request.match_info["run"])
        with count:
            if asked.rate and not count.bucket.takes(asked.rate, time.monotonic()):
                count.refused += 1
                return web.Response(status=http.HTTPStatus.TOO_MANY_REQUESTS)
            await asyncio.sleep(asked.seconds)
        return web.Response(status=asked.status)

    async def counted(request: web.Request) -> web.Response:
        return web.json_response(counts.as_dict(request.match_info["run"]))

    made = web.Application()
    made.add_routes([web.get("/{run}", answer), web.get("/{run}/counts", counted)])
    return made


class Asked(NamedTuple):
    """After how many seconds to answer, with what status, and how many requests a second to take.

    A `rate` of 0 takes all.
    """

    seconds: float
    status: int
    rate: float = 0.0


def _asked(seconds: str | None, status: str | None, rate: str | None) -> Asked:
    """Return what a request asks for: status 400 for what makes no sense."""
    try:
        asked = Asked(float(seconds or 0), int(status or 200), float(rate or 0))
    except ValueError:
        return Asked(0.0, 400)
    sensible = 0 <= asked.seconds <= MAX_DELAY_S and 0 <= asked.rate <= MAX_RATE
    return asked if sensible and asked.status in STATUSES else Asked(0.0, 400)


async def serve() -> None:
    """Serve until the standard input ends."""
    from aiohttp import web  # noqa: PLC0415

    # A request whose client has gone is cancelled, so that it is counted no longer.
    runner = web.AppRunner(
        application(), access_log=None, handler_cancellation=True, shutdown_timeout=0
    )
    await runner.setup()
    await web.TCPSite(runner, HOST, 0, backlog=WAITING_TO_BE_ACCEPTED).start()
    _host, port = runner.addresses[0][:2]
    print(port, flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.buffer.read)
    await runner.cleanup()


SERVICE = ServiceRecord(
    make=HttpServer,
    starting=lazy("Starting the web server …"),
)

if __name__ == "__main__":
    allow_many_open_files()
    asyncio.run(serve())
