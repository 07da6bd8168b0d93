"""Dask clusters of the tests: a scheduler and workers, each a process that nobody else starts.

They run outside of the project's folder, so the workers cannot import it.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from core.processes import apart, kill_tree
from tests.kit.needs import portable_path

START_LIMIT_S = 20.0
SCHEDULER = """
import asyncio, sys
from distributed import Scheduler

async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()

asyncio.run(main())
"""
WORKER = """
import asyncio, sys
from distributed import Worker

async def main(scheduler, threads):
    options = {"nthreads": int(threads), "host": "127.0.0.1", "dashboard": False}
    async with Worker(scheduler, memory_limit=0, **options) as worker:
        print(worker.address, flush=True)
        await worker.finished()

asyncio.run(main(*sys.argv[1:]))
"""
OTHER_CLOCK = ("unshare", "--time", "--monotonic", "3600", "--fork", "--kill-child")
"""A command whose programs have a `perf_counter` of their own, an hour ahead."""


@dataclass(slots=True)
class Cluster:
    """A scheduler, its address, and workers by their addresses."""

    folder: Path
    settings: Mapping[str, str]
    scheduler: subprocess.Popen[bytes] = field(init=False)
    address: str = field(init=False)
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_scheduler(self) -> None:
        self.scheduler = self._started(SCHEDULER)
        self.address = first_line(self.scheduler)

    def start_workers(self, count: int, *, threads: int = 1, under: Sequence[str] = ()) -> None:
        started = [
            self._started(WORKER, self.address, str(threads), under=under) for _ in range(count)
        ]
        self.workers |= {first_line(worker): worker for worker in started}

    def _started(
        self, program: str, *arguments: str, under: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*under, sys.executable, "-c", program, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": portable_path(),
                "TMPDIR": str(self.folder),
                **self.settings,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **apart(),
        )

    def close(self) -> None:
        for process in [*self.workers.values(), self.scheduler]:
            kill_tree(process.pid)
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def first_line(process: subprocess.Popen[bytes]) -> str:
    """Return what a process says first, which is its address."""
    assert process.stdout is not None
    read: SimpleQueue[bytes] = SimpleQueue()
    readline = process.stdout.readline
    threading.Thread(target=lambda: read.put(readline()), daemon=True).start()
    return read.get(timeout=START_LIMIT_S).decode().strip()


@contextlib.contextmanager
def cluster_of(
    folder: Path, workers: int, *, threads: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Give a cluster with a number of workers; end its processes."""
    cluster = Cluster(folder, settings or {})
    cluster.start_scheduler()
    try:
        cluster.start_workers(workers, threads=threads)
        yield cluster
    finally:
        cluster.close()


def closed_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
