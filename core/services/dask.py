"""A Dask scheduler: the one that `LOOPSCOPE_DASK_SCHEDULER` names, or a cluster of this machine.

Our own cluster is a process, `python -m core.services.dask SCRATCH`. It prints the scheduler's
address as one line, and ends with all of its workers when its standard input does: so it does not
outlive who started it. Its files are in the folder SCRATCH, which it makes and removes. At first
there are no workers: this scheduler also takes the request `GROW`.
"""

import atexit
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import Role, ServiceUnavailable, Stuck
from core.processes import NotUp, ServerProcess, children_of, is_stopped, kill, log_loss
from core.recording.dask_workers import GROW, OWN_SCHEDULER
from core.recording.errors import NoSharedMemory
from core.recording.pools import refuse_without_semaphores
from core.recording.recorder import JobError
from core.services import ServiceRecord
from core.settings import DASK
from core.text.language import Text, lazy
from core.workloads.failures import said

VARIABLE = DASK
CONNECT_LIMIT_S = 5.0
START_LIMIT_S = 30.0
KILLED_LIMIT_S = 2.0
LOOK_EVERY_S = 0.01


class Dask:
    """A scheduler of Dask, and its workers where they are ours.

    Our own cluster has one thread a worker, as many workers as the largest run so far asked for,
    and listens on this machine only. Runs that go on at the same time share the workers.
    """

    def __init__(self) -> None:
        name = f"loopscope-dask-{secrets.token_hex(8)}"
        self._scratch = Path(tempfile.gettempdir()) / name
        self._cluster = ServerProcess(
            "core.services.dask",
            str(self._scratch),
            start_limit_s=START_LIMIT_S,
            answers=_answers,
        )

    @property
    def pid(self) -> int | None:
        """The id of our own cluster's process; None while there is none."""
        return self._cluster.pid

    def address(self) -> str:
        """Return the scheduler's address; starting our own takes a second or two.

        Stopped workers of our own are killed; the cluster replaces them.

        Raises:
            ServiceUnavailable: If the scheduler that is named does not answer, or our own cannot
                be started.
        """
        if named := os.environ.get(VARIABLE):
            _check(named)
            return named
        for worker in self._stopped_workers():
            log_loss(Role.DASK_WORKER, worker, "stopped")
            self._kill_worker(worker)
        try:
            refuse_without_semaphores()  # here, as the cluster's process speaks English only
            return self._cluster.line()
        except NoSharedMemory as error:
            raise _unusable(said(JobError.of(error))) from error
        except NotUp as error:
            raise _unusable(error) from error

    def stuck(self) -> list[Stuck]:
        """Return which processes of our own cluster are stopped."""
        pid = self.pid
        scheduler = [Stuck(Role.SCHEDULER, pid)] if pid is not None and is_stopped(pid) else []
        return scheduler + [Stuck(Role.DASK_WORKER, each) for each in self._stopped_workers()]

    def _stopped_workers(self) -> list[int]:
        pid = self.pid
        return [] if pid is None else [each for each in children_of(pid) if is_stopped(each)]

    def _kill_worker(self, worker: int) -> None:
        """Kill a worker, and wait until the cluster has taken note of its end."""
        kill(worker)
        give_up_s = time.monotonic() + KILLED_LIMIT_S
        while worker in children_of(self.pid or 0) and time.monotonic() < give_up_s:
            time.sleep(LOOK_EVERY_S)

    def close(self) -> None:
        """End our own cluster, if there is one, and wait until its processes are gone."""
        self._cluster.close()
        shutil.rmtree(self._scratch, ignore_errors=True)  # of a cluster that was killed


def _unusable(reason: Text | Exception) -> ServiceUnavailable:
    return ServiceUnavailable(
        lazy("the Dask cluster of this machine"),
        reason,
        lazy("install what requirements.txt lists, or choose another executor"),
    )


def _answers(address: str) -> bool:
    try:
        _greet(address)
    except OSError:
        return False
    return True


def _greet(address: str) -> None:
    """Connect to a scheduler, which says first who it is; where TLS is spoken, only connect.

    Raises:
        OSError: If it cannot be done, or the scheduler says nothing.
        ValueError: If the address is none.
    """
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    where = parts.hostname or "", parts.port or 0
    with socket.create_connection(where, timeout=CONNECT_LIMIT_S) as connection:
        if parts.scheme == "tcp" and not connection.recv(1):
            raise ConnectionResetError(lazy("it closed the connection"))


def _check(address: str) -> None:
    """Raise unless a scheduler answers at an address.

    Raises:
        ServiceUnavailable: If none does.
    """
    try:
        _greet(address)
    except (OSError, ValueError) as error:
        raise ServiceUnavailable(
            lazy("the Dask scheduler {address}", address=address),
            error,
            lazy("start it, or unset {variable} to use this machine", variable=VARIABLE),
        ) from error


HOST = "127.0.0.1"
WITHOUT_HTTP = "core.services.dask"


def main(scratch: str) -> None:
    """Serve until standard input ends; what keeps us from it is the last line of the errors."""
    import dask  # noqa: PLC0415 - it takes most of a second to import
    from distributed import LocalCluster  # noqa: PLC0415 - as dask

    os.makedirs(scratch, mode=0o700, exist_ok=True)  # noqa: PTH103 - a path for others, too
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    with (
        dask.config.set(  # of the scheduler and of its workers
            {
                "temporary-directory": scratch,
                "distributed.scheduler.preload": [WITHOUT_HTTP],
                "distributed.worker.preload": [WITHOUT_HTTP],
            }
        ),
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            host=HOST,
            dashboard_address=None,
            worker_dashboard_address=None,
            memory_limit=0,  # or a worker past its share would be restarted with its jobs
        ) as cluster,
    ):
        scheduler = cluster.scheduler
        scheduler.id = OWN_SCHEDULER
        scheduler.handlers[GROW] = _growing(cluster)
        _say(cluster.scheduler_address)
        sys.stdin.buffer.read()


def _growing(cluster: Any) -> Callable[[int], Awaitable[None]]:
    async def grow(count: int) -> None:
        """Have at least `count` workers; never fewer than before, as other runs may use them."""
        cluster.scale(max(count, len(cluster.worker_spec)))

    return grow


def _say(address: str) -> None:
    """Print the only line; what workers print is discarded, as nobody reads it."""
    print(address, flush=True)  # noqa: T201 - to the process that started this one
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


async def dask_setup(server: Any) -> None:
    """Close the HTTP server of a scheduler or worker that has just opened it.

    Dask calls it by its name in what `WITHOUT_HTTP` names. Without a dashboard each still opens a
    port, on which it shows anybody of this machine what it does.
    """
    server.http_server.stop()
    server.services.pop("dashboard", None)


SERVICE = ServiceRecord(make=Dask, starting=lazy("Starting the Dask cluster …"))

if __name__ == "__main__":
    main(sys.argv[1])
