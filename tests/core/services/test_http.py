"""The HTTP server's handle: starts it, counts runs separately, notices its death, ends it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.errors import Role, ServiceUnavailable, Stuck
from core.jobs import JobKind, Plan
from core.processes import ROOT, ServerProcess, kill, stand_still
from core.services.http import HttpServer
from core.workloads.http import served
from tests.kit.needs import need_packages
from tests.kit.serving import done_here
from tests.kit.watching import is_gone, wait_until

need_packages("aiohttp", "urllib3")

STARTED_BY_ONE_WHO_IS_KILLED = """
import os
from core.processes import kill
from core.services.http import HttpServer
server = HttpServer()
server.address()
print(server.pid, flush=True)
kill(os.getpid())
"""


@pytest.fixture
def server() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.close()


def asked(address: str) -> dict[str, int]:
    """Ask a server once under an address and return what it counted there."""
    plan = Plan(longest_s=0, count=1, service=address)
    assert done_here("http", JobKind.BLOCKING, plan) == "job 1"
    return served(plan)


def test_nothing_is_started_before_it_is_needed_and_closing_then_is_nothing() -> None:
    server = HttpServer()
    assert server.pid is None
    server.close()


def test_each_run_has_an_address_of_its_own_at_the_same_server(server: HttpServer) -> None:
    first, second = server.address(), server.address()
    assert first.rpartition("/")[0] == second.rpartition("/")[0]
    assert asked(first) == {"requests": 1, "at most at once": 1}
    assert asked(first)["requests"] == 2
    assert asked(second)["requests"] == 1


def test_a_server_that_was_killed_is_started_again(server: HttpServer) -> None:
    server.address()
    pid = server.pid
    assert pid is not None
    kill(pid)
    wait_until(lambda: not server._server.is_up)
    assert asked(server.address())["requests"] == 1
    assert server.pid != pid


def test_a_server_that_stands_still_is_named_and_replaced(server: HttpServer) -> None:
    server.address()
    pid = server.pid
    assert pid is not None
    assert server.stuck() == []
    stand_still(pid)
    wait_until(lambda: server.stuck() == [Stuck(Role.HTTP, pid)])
    assert asked(server.address())["requests"] == 1
    assert server.pid != pid
    assert is_gone(pid)
    assert server.stuck() == []


def test_closing_ends_a_server_that_stands_still(server: HttpServer) -> None:
    server.address()
    pid = server.pid
    assert pid is not None
    stand_still(pid)
    server.close()
    assert is_gone(pid)


def test_closing_ends_the_server_and_a_later_use_starts_it_anew(server: HttpServer) -> None:
    server.address()
    pid = server.pid
    assert pid is not None
    server.close()
    assert is_gone(pid)
    assert asked(server.address())["requests"] == 1


def test_the_server_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.run(
        [sys.executable, "-c", STARTED_BY_ONE_WHO_IS_KILLED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    pid = int(parent.stdout)
    wait_until(lambda: is_gone(pid))
    assert is_gone(pid)


@pytest.mark.parametrize(
    ("module", "limit_s", "reason"),
    [
        (
            "core.services.no_such_server",
            10.0,
            "No module named core.services.no_such_server; install what requirements.txt names",
        ),
        ("abc", 10.0, "it ended without a word; remove the cause and run again"),
        ("core.services.http", 0.0, "it was not up after 0 s; remove the cause and run again"),
    ],
)
def test_a_server_that_does_not_come_up_says_why_and_what_to_do(
    module: str, limit_s: float, reason: str
) -> None:
    server = HttpServer()
    server._server = ServerProcess(module, start_limit_s=limit_s)
    with pytest.raises(ServiceUnavailable) as refusal:
        server.address()
    assert str(refusal.value).startswith("the HTTP server cannot be used: ")
    assert str(refusal.value).endswith(reason)
    assert server.pid is None


def test_a_machine_without_room_for_the_process_is_told_as_it_says_it(
    server: HttpServer,
) -> None:
    server._server._command[0] = "/no/such/python"
    with pytest.raises(ServiceUnavailable, match="No such file or directory: '/no/such/python'"):
        server.address()
