"""A Dask cluster of this machine, in a process of its own.

`python -m core.services.dask_cluster SCRATCH` prints the scheduler's address as one line, and ends
with all of its workers when its standard input does: so it does not outlive who started it. Its
files are in the folder SCRATCH, which it makes and removes. At first there are no workers: beside
all that schedulers do, this one takes the request `GROW`.
"""

import atexit
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from core.recording.dask_crew import GROW, OWN_SCHEDULER
from core.spec.machine import NoSharedMemory, refuse_without_semaphores

HOST = "127.0.0.1"
WITHOUT_HTTP = "core.services.dask_ports"


def main(scratch: str) -> None:
    """Serve until standard input ends; what keeps us from it is the last line of the errors."""
    try:
        refuse_without_semaphores()
    except NoSharedMemory as error:
        sys.exit(str(error))
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
            memory_limit=0,
        ) as cluster,
    ):
        scheduler = cluster.scheduler
        scheduler.id = OWN_SCHEDULER
        scheduler.handlers[GROW] = _growing(cluster)
        _say(cluster.scheduler_address)
        sys.stdin.buffer.read()


def _growing(cluster: Any) -> Callable[[int], Awaitable[None]]:
    async def grow(count: int) -> None:
        """Have at least so many workers; never fewer than before, as other runs may use them."""
        cluster.scale(max(count, len(cluster.worker_spec)))

    return grow


def _say(address: str) -> None:
    """Print the only line; what workers print on their own goes nowhere, as nobody reads it."""
    print(address, flush=True)  # noqa: T201 - to the process that started this one
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main(sys.argv[1])
