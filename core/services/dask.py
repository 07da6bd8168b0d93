"""A Dask scheduler: the one that `LOOPSCOPE_DASK_SCHEDULER` names, or a cluster of this machine."""

import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import Role, ServiceUnavailable, Stuck
from core.processes import children_of, is_stopped, send
from core.services.process import NotUp, ServerProcess, log_loss
from core.settings import DASK
from core.text.language import _

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
            "core.services.dask_cluster",
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

        Of our own workers those that stand still are killed; the cluster has others for them.

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
            return self._cluster.line()
        except NotUp as error:
            raise ServiceUnavailable(
                _("the Dask cluster of this machine"),
                str(error),
                _("install what requirements.txt lists, or choose another executor"),
            ) from error

    def stuck(self) -> list[Stuck]:
        """Return which processes of our own cluster stand still."""
        pid = self.pid
        scheduler = [Stuck(Role.SCHEDULER, pid)] if pid is not None and is_stopped(pid) else []
        return scheduler + [Stuck(Role.DASK_WORKER, each) for each in self._stopped_workers()]

    def _stopped_workers(self) -> list[int]:
        pid = self.pid
        return [] if pid is None else [each for each in children_of(pid) if is_stopped(each)]

    def _kill_worker(self, worker: int) -> None:
        """Kill a worker, and wait until the cluster has taken note of its end."""
        send(worker, signal.SIGKILL)
        give_up_s = time.monotonic() + KILLED_LIMIT_S
        while worker in children_of(self.pid or 0) and time.monotonic() < give_up_s:
            time.sleep(LOOK_EVERY_S)

    def close(self) -> None:
        """End our own cluster, if there is one, and wait until its processes are gone."""
        self._cluster.close()
        shutil.rmtree(self._scratch, ignore_errors=True)  # of a cluster that was killed


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
            raise ConnectionResetError(_("it closed the connection"))


def _check(address: str) -> None:
    """Raise unless a scheduler answers at an address.

    Raises:
        ServiceUnavailable: If none does.
    """
    try:
        _greet(address)
    except (OSError, ValueError) as error:
        raise ServiceUnavailable(
            _("the Dask scheduler {address}").format(address=address),
            str(error),
            _("start it, or unset {variable} to use this machine").format(variable=VARIABLE),
        ) from error
