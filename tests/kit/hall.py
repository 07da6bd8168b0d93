"""A hall: two servers that share this machine, behind a real nginx configured as in the docs."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.proxy import BASE_PATH, running_nginx, trusting
from tests.kit.server import Server, running_app
from tests.kit.visitors import Visitor

OPTIONS = [f"--server.baseUrlPath={BASE_PATH}"]
SHARING = {"LOOPSCOPE_SERVERS": "2", "LOOPSCOPE_LOG": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """Two servers, each with its number in the cookie, and nginx before them."""

    servers: dict[int, Server]
    address: str
    folder: Path

    def visitor(self) -> Visitor:
        """Return somebody who has never been here."""
        return Visitor(address=self.address, trusted=trusting(self.folder))

    def measured(self, number: int) -> list[tuple[int, float]]:
        """Return what a server says that it has measured: numbers of jobs, and their sleeps."""
        return runs_in(self.servers[number].log)


def runs_in(log: Path) -> list[tuple[int, float]]:
    """Return the runs that are in a log, as `Hall.measured` does."""
    lines = [
        line
        for line in log.read_text(encoding="utf-8").splitlines()
        if line.startswith('{"event": "run"')
    ]
    specs = [json.loads(line)["spec"] for line in lines]
    return [(spec["tasks"], spec["sleep_s"] * 1e3) for spec in specs]


@contextmanager
def hall(folder: Path) -> Iterator[Hall]:
    """Start two servers and nginx; they have ended when this returns.

    Args:
        folder: Where nginx has its files.
    """
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running_app(OPTIONS, environment=SHARING)) for _number in (1, 2)
        ]
        addresses = [server.address for server in servers]
        address = stack.enter_context(running_nginx(addresses, folder))
        yield Hall(servers=dict(enumerate(servers, 1)), address=address, folder=folder)
