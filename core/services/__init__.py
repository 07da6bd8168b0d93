"""The services: what workloads and executors need outside of the measuring child.

Each is started on first use, shared by all runs of this process, and ended with it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from core.errors import Stuck
from core.services.cpu import CpuSpeed
from core.services.dask import Dask
from core.services.files import Files
from core.services.http import HttpServer
from core.services.postgres import Postgres
from core.spec.run_spec import RunSpec


class Service(Protocol):
    """Something that runs need and that somebody must start and end."""

    def address(self) -> str:
        """Return where the service is, as its workload understands it; start it if need be.

        One that does not answer any more is ended by force, and started anew.

        Raises:
            ServiceUnavailable: If it cannot be had, with what to do about it.
        """

    def stuck(self) -> Sequence[Stuck]:
        """Return which of the service's processes stand still; it waits for nobody."""

    def close(self) -> None:
        """End the service and all that belongs to it, if it was started."""


MAKERS: Mapping[str, Callable[[], Service]] = {
    "cpu": CpuSpeed,
    "dask": Dask,
    "files": Files,
    "http": HttpServer,
    "postgres": Postgres,
}


class Services:
    """The services of this process, one of each kind, for any number of threads."""

    def __init__(self, makers: Mapping[str, Callable[[], Service]] = MAKERS) -> None:
        self._makers = makers
        self._started: dict[str, Service] = {}
        self._locks = {name: threading.Lock() for name in makers}

    def addresses(self, spec: RunSpec) -> dict[str, str]:
        """Return where each service is that a run needs, by its name; start those that are not up.

        Raises:
            ServiceUnavailable: If one cannot be had.
        """
        return {name: self._address(name) for name in spec.needs}

    def stuck(self, spec: RunSpec) -> list[Stuck]:
        """Return which processes of the services that a run needs stand still."""
        services = [self._started.get(name) for name in spec.needs]
        return [each for service in services if service for each in service.stuck()]

    def _address(self, name: str) -> str:
        with self._locks[name]:
            if name not in self._started:
                self._started[name] = self._makers[name]()
            return self._started[name].address()

    def close(self) -> None:
        """End all services; a later use starts them anew."""
        for name, lock in self._locks.items():
            with lock:
                service = self._started.pop(name, None)
                if service is not None:
                    service.close()
