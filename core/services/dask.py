"""A Dask scheduler: the one that `LOOPSCOPE_DASK_SCHEDULER` names, or a cluster of this machine."""

import os
import socket
from urllib.parse import urlsplit

from core.errors import ServiceUnavailable
from core.services.process import NotUp, ServerProcess
from core.settings import DASK
from core.words import _

VARIABLE = DASK
CONNECT_LIMIT_S = 5.0
START_LIMIT_S = 30.0


class Dask:
    """A scheduler of Dask, and its workers where they are ours.

    Our own cluster has one thread a worker, as many workers as the largest run so far asked for,
    and listens on this machine only. Runs that go on at the same time share the workers.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._cluster = ServerProcess("core.services.dask_cluster", start_limit_s=START_LIMIT_S)

    @property
    def pid(self) -> int | None:
        """The id of our own cluster's process; None while there is none."""
        return self._cluster.pid

    def address(self) -> str:
        """Return the scheduler's address; starting our own takes a second or two.

        Raises:
            ServiceUnavailable: If the scheduler that is named does not answer, or our own cannot
                be started.
        """
        if named := os.environ.get(VARIABLE):
            _check(named)
            return named
        try:
            return self._cluster.line()
        except NotUp as error:
            raise ServiceUnavailable(
                _("the Dask cluster of this machine"),
                str(error),
                _("install what requirements.txt lists, or choose another executor"),
            ) from error

    def close(self) -> None:
        """End our own cluster, if there is one, and wait until its processes are gone."""
        self._cluster.close()


def _check(address: str) -> None:
    """Raise unless somebody listens at an address.

    Raises:
        ServiceUnavailable: If nobody does.
    """
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        where = parts.hostname or "", parts.port or 0
        socket.create_connection(where, timeout=CONNECT_LIMIT_S).close()
    except (OSError, ValueError) as error:
        raise ServiceUnavailable(
            _("the Dask scheduler {address}").format(address=address),
            str(error),
            _("start it, or unset {variable} to use this machine").format(variable=VARIABLE),
        ) from error
