"""The HTTP server itself: what it answers, and what it counts."""

import asyncio
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from core.services.http import Bucket, Counts, HttpServer
from tests.kit.needs import need_packages

need_packages("aiohttp")


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    server = HttpServer()
    server.address()
    yield server
    server.close()


@pytest.fixture
def address(server: HttpServer) -> str:
    return server.address()


def get(address: str) -> tuple[int, bytes]:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    connection.request("GET", f"{where.path}?{where.query}")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


@pytest.mark.parametrize("status", [200, 204, 418, 503])
def test_it_answers_with_the_status_that_is_asked_for(address: str, status: int) -> None:
    assert get(f"{address}?status={status}") == (status, b"")


@pytest.mark.parametrize(
    "query",
    [
        *("seconds=soon", "seconds=nan", "seconds=-1", "seconds=inf", "seconds=1e9"),
        *("status=99", "rate=often", "rate=nan", "rate=-1", "rate=inf"),
    ],
)
def test_it_answers_400_at_once_to_what_makes_no_sense(address: str, query: str) -> None:
    assert get(f"{address}?{query}") == (400, b"")


def test_it_counts_the_requests_that_are_there_at_the_same_time(address: str) -> None:
    async def ask(seconds: float) -> None:
        await asyncio.to_thread(get, f"{address}?seconds={seconds}")

    async def program() -> None:
        await asyncio.gather(*(ask(0.2) for _ in range(3)))
        await ask(0)

    asyncio.run(program())
    assert get(f"{address}/counts") == (200, b'{"requests": 4, "peak": 3, "refused": 0}')


def test_it_refuses_what_comes_faster_than_the_rate_and_counts_that(address: str) -> None:
    asked = [get(f"{address}?rate=0.001") for _ in range(4)]
    assert asked == [(200, b"")] * 2 + [(429, b"")] * 2
    assert get(f"{address}/counts") == (200, b'{"requests": 4, "peak": 1, "refused": 2}')


def test_a_bucket_of_two_tokens_gets_one_after_each_interval() -> None:
    bucket = Bucket()
    # whole eighths of a second, which floats hold exactly, and some moments between them
    times = [8, 8, 8, 8.9, 9, 9.5, 10, 20, 20, 20]
    taken = [bucket.takes(8, each / 8) for each in times]
    assert taken == [True, True, False, False, True, False, True, True, True, False]


def test_a_client_that_goes_is_not_counted_as_there_any_longer(address: str) -> None:
    where = urlsplit(address)
    gone = http.client.HTTPConnection(where.netloc)
    gone.request("GET", f"{where.path}?seconds=60")
    gone.close()
    for _ in range(3):
        get(address)
    assert get(f"{address}/counts")[1].startswith(b'{"requests": 4')


def test_a_run_that_never_asked_has_counts_of_nothing(address: str) -> None:
    assert get(f"{address}/counts") == (200, b'{"requests": 0, "peak": 0, "refused": 0}')


def test_only_so_many_runs_are_remembered_and_the_oldest_is_forgotten_first() -> None:
    counts = Counts(most=2)
    for run in ("1", "2", "3"):
        with counts.of(run):
            pass
    assert [counts.as_dict(run)["requests"] for run in ("1", "2", "3")] == [0, 1, 1]


def test_a_request_that_fails_is_counted_and_gone() -> None:
    counts = Counts()
    with pytest.raises(LookupError), counts.of("1"):
        raise LookupError
    assert counts.of("1").now == 0
    assert counts.as_dict("1") == {"requests": 1, "peak": 1, "refused": 0}
