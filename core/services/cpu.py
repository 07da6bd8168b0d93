"""How fast this machine calculates: so that the workload `cpu` has jobs of a chosen length."""

import time

from core.errors import Stuck
from core.services import ServiceRecord
from core.text.language import lazy

CHUNK_LOOPS = 40_000
CHUNKS = 40


class CpuSpeed:
    """The number of loops of the workload `cpu` that take one second here, measured once.

    The fastest of several chunks counts, by the CPU time of the thread: what else the machine
    does makes others slower, nothing makes one faster. All runs of this process get the same
    number, so their jobs have the same work to do.
    """

    def __init__(self) -> None:
        self._loops_per_s: int | None = None

    def address(self) -> str:
        """Return the number of loops a second; measuring it takes some 100 ms."""
        if self._loops_per_s is None:
            self._loops_per_s = round(CHUNK_LOOPS / min(_chunk_s() for _ in range(CHUNKS)))
        return str(self._loops_per_s)

    def stuck(self) -> tuple[Stuck, ...]:
        """Return nothing: there is no process."""
        return ()

    def close(self) -> None:
        """Forget nothing: there is nothing to end."""


def _chunk_s() -> float:
    """Return how long a chunk takes; the loop is that of `core.workloads.cpu`."""
    start_ns = time.thread_time_ns()
    number = 1
    for _ in range(CHUNK_LOOPS):
        number = number * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
    return (time.thread_time_ns() - start_ns) / 1e9


SERVICE = ServiceRecord(
    make=CpuSpeed,
    starting=lazy("Finding out how fast this machine calculates …"),
)
