"""The error of jobs whose worker is gone."""

import time
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

EXIT_CODE_LIMIT_S = 1.0
POLL_S = 0.002


class WorkerLost(BrokenExecutor):
    """A worker ended while it had something to do; the message names it."""


def lost_among(workers: Iterable[BaseProcess]) -> WorkerLost:
    """Return the error that names the processes which have ended, and how."""
    by_sentinel = {worker.sentinel: worker for worker in workers}
    # With a fork server the exit code comes by the sentinel, and Python 3.15's pools read it before
    # they tell of the loss: then the sentinel shows nothing until the server closes its end.
    known = {sentinel for sentinel, worker in by_sentinel.items() if worker.exitcode is not None}
    known.update(wait(list(by_sentinel), 0))  # type: ignore[arg-type]
    ended = [worker for sentinel, worker in by_sentinel.items() if sentinel in known]
    ends = [f"worker process {worker.pid} {_end(worker)}" for worker in ended]
    return WorkerLost("; ".join(ends) or "a worker process ended")


def _end(worker: BaseProcess) -> str:
    code = _exit_code(worker)
    if code is None:
        return "ended"
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _exit_code(worker: BaseProcess) -> int | None:
    """Return how a process ended; the system says so a moment after its descriptors are closed."""
    give_up_s = time.monotonic() + EXIT_CODE_LIMIT_S
    while (code := worker.exitcode) is None and time.monotonic() < give_up_s:
        time.sleep(POLL_S)
    return code
