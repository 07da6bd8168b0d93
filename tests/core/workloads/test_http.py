"""The workload `http`: requests over a limited number of connections, and how they fail."""

import asyncio
import importlib
import inspect
import pickle
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from core.jobs import JobKind, Plan, Spread
from core.services import Services
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State
from core.workloads import WORKLOADS, failures
from tests.kit.laws import assert_laws
from tests.kit.needs import need_packages
from tests.kit.serving import (
    all_at_once,
    all_services,
    assert_waves,
    done_here,
    few_files,
    measured,
)
from tests.kit.virtual import site_of

need_packages("aiohttp", "urllib3")

KINDS = pytest.mark.parametrize("kind", JobKind)
SLEEP_S = 0.1
workload = importlib.import_module("core.workloads.http")
"""The module: the package gives the coroutine of the same name."""


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with all_services() as services:
        services.addresses(RunSpec(pattern="gather", tasks=1, sleep_s=0, workload="http"))
        yield services


@pytest.fixture
def plan(services: Services) -> Plan:
    spec = RunSpec(pattern="gather", tasks=1, sleep_s=0, workload="http")
    return Plan(longest_s=0.0, count=4, service=services.addresses(spec)["http"], connections=2)


@pytest.fixture(autouse=True)
def new_pool() -> Iterator[None]:
    """Let each test open a pool of its own."""
    yield
    workload._opened_pool.cache_clear()


@KINDS
def test_a_job_prints_its_end_and_returns_its_name(
    kind: JobKind, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    assert done_here("http", kind, plan, 2) == "job 3"
    assert capsys.readouterr().out.split(" ", 1)[1] == "job 3\n"


@KINDS
def test_the_job_that_shall_fail_asks_first_and_then_says_which_it_is(
    kind: JobKind, plan: Plan
) -> None:
    with pytest.raises(RuntimeError, match="job 2 went wrong"):
        done_here("http", kind, replace(plan, failing=1), 1)
    assert workload.served(plan)["requests"] == 1


@pytest.mark.real
@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        ("gather", {}),
        ("threads", {}),
        ("run_in_executor", {"executor": "threads", "workers": 20}),
    ],
)
def test_twenty_requests_over_five_connections_come_in_four_waves(
    pattern: str, more: dict[str, object], services: Services
) -> None:
    spec = RunSpec(
        pattern=pattern,
        tasks=20,
        sleep_s=SLEEP_S,
        workload="http",
        connections=5,
        **more,  # type: ignore[arg-type]
    )
    timeline = measured(spec, services)
    assert_laws(timeline, jobs=20)
    assert timeline.served == {"requests": 20, "at most at once": 5}
    assert_waves(timeline, 5, SLEEP_S)
    assert timeline.jobs.attempts.tolist() == [1] * 20


@pytest.mark.real
def test_worker_processes_share_one_count_and_have_a_pool_each(services: Services) -> None:
    spec = RunSpec(
        pattern="run_in_executor",
        tasks=6,
        sleep_s=SLEEP_S,
        workload="http",
        connections=1,
        executor="processes",
        workers=2,
    )
    assert measured(spec, services).served == {"requests": 6, "at most at once": 2}


@pytest.mark.real
def test_where_a_job_waits_is_told_in_its_own_lines(services: Services) -> None:
    spec = RunSpec(pattern="gather", tasks=3, sleep_s=0.01, workload="http", connections=1)
    timeline = measured(spec, services)
    waited_at = timeline.spans.site[timeline.spans.state == State.WAITING]
    sites = {timeline.site_name(int(site)) for site in waited_at if site} - {None}
    assert sites == {site_of(inspect.unwrap(workload.http), "async with session.get")}


@pytest.mark.real
def test_refused_requests_fail_their_jobs_alone(services: Services) -> None:
    spec = RunSpec(pattern="gather_exceptions", tasks=4, sleep_s=0, workload="http")
    timeline = measured(replace(spec, failure_rate=0.5), services)
    outcomes = [Outcome.OK, Outcome.FAILED] * 2
    assert list(timeline.jobs.outcome) == outcomes
    assert {error.as_dict()["message"] for error in timeline.jobs.error if error} == {
        "the server answered 503 Service Unavailable"
    }


@pytest.mark.real
def test_a_traceback_in_the_transcript_shows_the_job_and_not_what_wraps_it(
    services: Services,
) -> None:
    # The first job fails last: when the pattern raises, nobody has asked for the others' errors.
    spec = RunSpec(
        pattern="create_task",
        tasks=3,
        sleep_s=0.15,
        spread=Spread.FALLING,
        workload="http",
        failure_rate=1.0,
    )
    printed = [line.text for line in measured(spec, services).log]
    assert "Task exception was never retrieved" in printed
    assert "    response.raise_for_status()" in printed
    assert [line for line in printed if "failures.py" in line or "await function(" in line] == []


@pytest.mark.real
@pytest.mark.parametrize("pattern", ["timeout", "cancel_tasks"])
def test_requests_that_are_cancelled_leave_nothing_open(pattern: str, services: Services) -> None:
    spec = RunSpec(pattern=pattern, tasks=4, sleep_s=0.2, workload="http", connections=2)
    timeline = measured(spec, services)
    assert_laws(timeline, jobs=4)
    assert Outcome.CANCELLED in timeline.jobs.outcome


@contextmanager
def refused_port() -> Iterator[str]:
    """Give an address at which nobody listens: the port is taken, so that nobody will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/1"


@contextmanager
def silent_port() -> Iterator[str]:
    """Give an address at which connections are taken and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/1"


def failure_of(
    kind: JobKind, plan: Plan, situation: type[failures.ServiceFailure]
) -> failures.ServiceFailure:
    """Do a job that fails in a situation; return the error, which is one that can travel."""
    with pytest.raises(situation) as failed:
        done_here("http", kind, plan)
    assert failed.value.__cause__ is not None
    copy = pickle.loads(pickle.dumps(failed.value))  # noqa: S301
    assert (type(copy), str(copy)) == (type(failed.value), str(failed.value))
    return failed.value


@KINDS
def test_an_address_at_which_nobody_listens_is_named(kind: JobKind, plan: Plan) -> None:
    with refused_port() as address:
        failure = failure_of(kind, replace(plan, service=address), failures.NobodyListens)
        assert str(failure) == f"nobody listens at {address.split('/')[2]}"


@KINDS
def test_a_time_out_tells_the_time(
    kind: JobKind, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workload, "TIMEOUT_S", 0.2)
    with silent_port() as address:
        failure = failure_of(kind, replace(plan, service=address), failures.NoAnswer)
    assert str(failure) == "no answer within 0.2 s"


@KINDS
def test_a_status_of_an_error_is_told(kind: JobKind, plan: Plan) -> None:
    with pytest.raises(failures.BadStatus) as failed:
        done_here("http", kind, replace(plan, failure_rate=1.0))
    assert str(failed.value) == "the server answered 503 Service Unavailable"


@contextmanager
def rude_port() -> Iterator[str]:
    """Give an address at which each connection is closed as soon as something was asked."""
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = rude.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1 << 16)

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield f"http://127.0.0.1:{rude.getsockname()[1]}/1"
        rude.shutdown(socket.SHUT_RDWR)
        thread.join()


@KINDS
def test_a_server_that_closes_before_it_answers_is_told(kind: JobKind, plan: Plan) -> None:
    """aiohttp asks a second time before it gives up; urllib3 is configured not to."""
    with rude_port() as address:
        failure = failure_of(kind, replace(plan, service=address), failures.Disconnected)
    assert str(failure) == "the server closed the connection before it had answered"


def test_a_process_that_may_open_no_more_files_says_so(plan: Plan) -> None:
    done_here("http", JobKind.BLOCKING, plan)
    workload._opened_pool.cache_clear()
    with few_files():
        failure = failure_of(JobKind.BLOCKING, plan, failures.TooManyOpenFiles)
    assert "`ulimit -n`" in str(failure)


def test_an_event_loop_that_may_open_no_more_files_says_so(plan: Plan) -> None:
    async def alone() -> None:
        async with WORKLOADS["http"].opened_job(plan) as job:
            with few_files():
                await job(0)

    with pytest.raises(failures.TooManyOpenFiles, match="`ulimit -n`"):
        asyncio.run(alone())


def test_threads_that_come_together_share_one_pool(plan: Plan) -> None:
    opened = all_at_once(lambda _: workload.pool(plan.service, 2), 8)
    assert len({id(each) for each in opened}) == 1


def test_blocking_jobs_wait_for_each_others_connections(plan: Plan) -> None:
    job: Callable[[int], object] = lambda index: done_here(  # noqa: E731
        "http", JobKind.BLOCKING, replace(plan, longest_s=0.05), index
    )
    assert all_at_once(job, 6) == [f"job {number}" for number in range(1, 7)]
    assert workload.served(plan) == {"requests": 6, "at most at once": 2}


def test_a_server_that_is_gone_has_nothing_to_tell() -> None:
    with refused_port() as address:
        assert workload.served(Plan(longest_s=0, count=1, service=address)) == {}
