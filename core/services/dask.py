"""A Dask scheduler: the one that `LOOPSCOPE_DASK_SCHEDULER` names, or a cluster of this machine."""

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import ServiceUnavailable
from core.words import _

VARIABLE = "LOOPSCOPE_DASK_SCHEDULER"
CONNECT_LIMIT_S = 5.0
START_LIMIT_S = 30.0
END_LIMIT_S = 5.0
ROOT = Path(__file__).resolve().parents[2]


class Dask:
    """A scheduler of Dask, and its workers where they are ours.

    Our own cluster has one thread a worker, as many workers as the largest run so far asked for,
    and listens on this machine only. Runs that go on at the same time share the workers.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._lock = threading.Lock()
        self._cluster: _Cluster | None = None

    def address(self) -> str:
        """Return the scheduler's address; starting our own takes a second or two.

        Raises:
            ServiceUnavailable: If the scheduler that is named does not answer, or our own cannot
                be started.
        """
        if named := os.environ.get(VARIABLE):
            _check(named)
            return named
        with self._lock:
            if self._cluster is None or not self._cluster.is_alive:
                self._end_cluster()
                self._cluster = _Cluster()
            return self._cluster.address

    def close(self) -> None:
        """End our own cluster, if there is one, and wait until its processes are gone."""
        with self._lock:
            self._end_cluster()

    def _end_cluster(self) -> None:
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.close()


def _check(address: str) -> None:
    """Raise unless somebody listens at an address."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        where = parts.hostname or "", parts.port or 0
        socket.create_connection(where, timeout=CONNECT_LIMIT_S).close()
    except (OSError, ValueError) as error:
        raise ServiceUnavailable(
            _("the Dask scheduler {address}").format(address=address),
            str(error),
            _("start it, or unset {variable} to use this machine").format(variable=VARIABLE),
        ) from error


class _Cluster:
    """A process of `core.services.dask_cluster` and those that it starts."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="loopscope-dask-")
        self._log = Path(self._folder.name) / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no input in it
                [sys.executable, "-m", "core.services.dask_cluster", self._folder.name],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self.address = self._first_line()
        if not self.address:
            reason = self._reason()
            self.close()
            raise ServiceUnavailable(
                _("the Dask cluster of this machine"),
                reason,
                _("install what requirements.txt lists, or choose another executor"),
            )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _first_line(self) -> str:
        """Return what the process says, or nothing if it ends or takes too long."""
        output = self._process.stdout
        assert output is not None
        ready, _nothing, _nothing = select.select([output], [], [], START_LIMIT_S)
        return output.readline().decode().strip() if ready else ""

    def _reason(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1] if said else _("it took too long to start")

    def close(self) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(END_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._kill_group()
        process.stdout.close()
        self._folder.cleanup()

    def _kill_group(self) -> None:
        """End what is left of the process's session."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
