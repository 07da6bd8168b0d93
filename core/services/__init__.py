"""The services: what workloads and executors need outside of the measuring child.

Each is started on first use, shared by all runs of this process, and ended with it: it belongs to
the parent, and a child learns only its address. Its module ends with a record, `SERVICE`, which
says whatever others need to know of it; to add one, write its module and name it in `NAMES`. A
module is imported when a run first needs it, and also runs as the service's own process
(`python -m core.services.http`), so this package imports none of them.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pkgutil import resolve_name
from typing import Protocol, cast

from core.errors import Stuck
from core.spec.run_spec import RunSpec
from core.text.language import Text


class Service(Protocol):
    """Something that runs need and that must be started and ended."""

    def address(self) -> str:
        """Return where the service is, as its workload understands it; start it if need be.

        One that does not answer any more is killed and started again.

        Raises:
            ServiceUnavailable: If it cannot be had, with what to do about it.
        """

    def stuck(self) -> Sequence[Stuck]:
        """Return which of the service's processes are stopped; it never waits."""

    def close(self) -> None:
        """End the service and all that belongs to it, if it was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """A service, and what others need to know of it.

    Attributes:
        make: Makes it, without starting it.
        starting: What is said while it is being started.
    """

    make: Callable[[], Service]
    starting: Text


NAMES = (
    "cpu",
    "dask",
    "files",
    "http",
    "postgres",
)
"""The names of the services, which are those of their modules."""


def service_record(name: str) -> ServiceRecord:
    """Return what is known of a service, given by its name."""
    return cast("ServiceRecord", resolve_name(f"{__name__}.{name}:SERVICE"))


def _made(name: str) -> Service:
    return service_record(name).make()


MAKERS: Mapping[str, Callable[[], Service]] = {name: partial(_made, name) for name in NAMES}
"""What makes each, by its name; tests give others."""


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
        """Return which processes of the services that a run needs are stopped."""
        services = [self._started.get(name) for name in spec.needs]
        return [each for service in services if service for each in service.stuck()]

    def _address(self, name: str) -> str:
        with self._locks[name]:
            if name not in self._started:
                self._started[name] = self._makers[name]()
            return self._started[name].address()

    def close(self) -> None:
        """End all services; a later use starts them again."""
        for name, lock in self._locks.items():
            with lock:
                service = self._started.pop(name, None)
                if service is not None:
                    service.close()
