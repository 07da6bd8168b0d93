"""Jobs that ask a server which lets in so many requests a second, on the virtual clock."""

import asyncio
from typing import Any

from core.patterns import PATTERNS
from core.services.http import Bucket
from tests.kit.laws import assert_laws
from tests.kit.virtual import Ran, VirtualClock, run_virtually

ANSWER_S = 0.05
RATE = 20


class Server:
    """A server that answers after `ANSWER_S`, and refuses what comes faster than `RATE`."""

    def __init__(self) -> None:
        self._bucket = Bucket()
        self.asked_ms: list[list[int]] = []

    async def job(self, index: int) -> str:
        """Ask once, and note when."""
        now_s = asyncio.get_running_loop().time()
        self.asked_ms[index].append(int(now_s * 1_000))
        if not self._bucket.takes(RATE, now_s):
            raise ConnectionRefusedError(index)
        await asyncio.sleep(ANSWER_S)
        return f"job {index + 1}"


def run_refused(pattern: str, count: int, **extras: Any) -> tuple[Ran, list[list[int]]]:
    """Run a pattern against such a server; return when each job asked, in milliseconds, too."""
    server = Server()
    server.asked_ms = [[] for _ in range(count)]
    ran = run_virtually(PATTERNS[pattern], server.job, count, clock=VirtualClock(), **extras)
    assert_laws(ran.timeline, jobs=count)
    return ran, server.asked_ms
