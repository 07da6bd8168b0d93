"""Two servers behind a real nginx share a hall with one address; one is lost, its visitors go on.

The configuration is that of the docs, with other ports.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from core.processes import descendants_of, kill
from tests.core.measuring.test_ends import alive
from tests.hosting.test_server_ends import assert_gone_within
from tests.kit.hall import OPTIONS, SHARING, Hall, hall, runs_in
from tests.kit.needs import need_nginx
from tests.kit.server import Server, running_app
from tests.kit.sessions import Expected, Session, faults
from tests.kit.visitors import SHARED_BY, Visitor

pytestmark = pytest.mark.real

PAGE = "gather"
SETTINGS = [
    Expected(tasks=tasks, sleep_ms=sleep_ms)
    for tasks in (3, 4, 6, 8, 10)
    for sleep_ms in (10, 20, 50, 100)
]
"""What each of the twenty visitors measures, no two the same."""
NONE_LEFT_S = 10.0
HALL_LIMIT_S = 100.0
COOKIE = "loopscope_server={}; Path=/scope/; HttpOnly; SameSite=Lax; Secure"


@dataclass(slots=True, kw_only=True)
class Place:
    """A visitor, what they measure, and their tab."""

    visitor: Visitor
    expected: Expected
    tab: Session

    @property
    def settings(self) -> tuple[int, float]:
        return self.expected.tasks, self.expected.sleep_ms

    async def measure(self) -> None:
        """Press Run, and look whether the page shows a run with these settings."""
        self.tab.press(f"{PAGE} run")
        answer = await self.tab.settle()
        assert faults(answer, self.expected) == []
        assert f"tasks={self.expected.tasks}" in self.tab.query


@asynccontextmanager
async def arrived(hall: Hall, expected: Expected) -> AsyncIterator[Place]:
    """Let somebody open the page, move its slider and measure."""
    visitor = hall.visitor()
    status, page = await asyncio.to_thread(visitor.ask)
    assert (status, b"<title>" in page) == (200, True)
    first = visitor.server
    assert visitor.set_lines[SHARED_BY] == COOKIE.format(first)
    query = f"sleep={expected.sleep_ms:g}ms&automatic=off"
    async with visitor.tab(PAGE, query) as tab:
        place = Place(visitor=visitor, expected=expected, tab=tab)
        await tab.settle()
        tab.choose(f"{PAGE} tasks", str(expected.tasks))
        await tab.rerun()
        await place.measure()
        assert visitor.server == first
        yield place


@asynccontextmanager
async def gone_on(place: Place) -> AsyncIterator[Place]:
    """Let a visitor whose connection is lost come again, as the tab does: with cookie and link."""
    with pytest.raises(ConnectionClosed):
        await place.tab.rerun()
    query = place.tab.query
    assert "tasks" in query
    async with place.visitor.tab(PAGE, query) as tab:
        again = Place(visitor=place.visitor, expected=place.expected, tab=tab)
        await tab.settle()
        await again.measure()
        yield again


def test_a_hall_is_shared_by_two_servers_and_goes_on_with_one(tmp_path: Path) -> None:
    need_nginx()
    with hall(tmp_path) as the_hall, ExitStack() as later:
        asyncio.run(_visit(the_hall, later))


async def _visit(hall: Hall, later: ExitStack) -> None:
    async with asyncio.timeout(HALL_LIMIT_S), AsyncExitStack() as stack:
        places = [await stack.enter_async_context(arrived(hall, each)) for each in SETTINGS]
        _assert_shared(hall, places)
        moving = [place for place in places if place.visitor.server == 1]
        staying = [place for place in places if place.visitor.server == 2]
        await _kill(hall.servers[1])
        assert await _numbers_of_newcomers(hall) == [2, 2, 2, 2]
        moved = [await stack.enter_async_context(gone_on(place)) for place in moving]
        for place in [*staying, *moved]:
            assert place.visitor.server == 2
        assert {place.settings for place in moved} <= set(hall.measured(2))
        assert [await _upload(place) for place in moved] == [204] * len(moved)
        await _assert_they_stay(hall, moved, staying, later)


def _assert_shared(hall: Hall, places: Sequence[Place]) -> None:
    """Assert that each server has half of the hall: pages, websockets, measurements, uploads."""
    for number in hall.servers:
        own = [place for place in places if place.visitor.server == number]
        assert len(own) == len(places) / 2
        assert set(hall.measured(number)) == {place.settings for place in own}


async def _upload(place: Place) -> int:
    return await asyncio.to_thread(place.visitor.upload, place.tab)


async def _kill(server: Server) -> None:
    left = set(descendants_of(server.pid))
    kill(server.pid)
    await assert_gone_within(lambda: alive(left), NONE_LEFT_S)


async def _assert_they_stay(
    hall: Hall, moved: Sequence[Place], staying: Sequence[Place], later: ExitStack
) -> None:
    """Assert that nobody is torn from their session once the lost server is there again."""
    port = int(hall.servers[1].address.rpartition(":")[2].partition("/")[0])
    starting = running_app(OPTIONS, environment=SHARING, port=port)
    again = await asyncio.to_thread(later.enter_context, starting)
    everybody = [*moved, *staying]
    assert [await _upload(place) for place in everybody] == [204] * len(everybody)
    for place in (moved[0], staying[0]):
        await place.measure()
        assert place.visitor.server == 2
    torn = moved[0].visitor
    torn.cookies[SHARED_BY] = "1"
    assert await _upload(moved[0]) == 400  # so it is the cookie that keeps them together
    assert runs_in(again.log) == []
    assert await _numbers_of_newcomers(hall) == [1, 1, 2, 2]


async def _numbers_of_newcomers(hall: Hall) -> list[int]:
    """Return the numbers of the servers that four newcomers come to, in order."""
    newcomers = [hall.visitor() for _each in range(4)]
    for visitor in newcomers:
        await asyncio.to_thread(visitor.ask)
    return sorted(visitor.server for visitor in newcomers)


@pytest.mark.parametrize("sent", ["", "3", "1x", "::::", "x" * 3_000])
def test_a_cookie_that_names_no_server_is_replaced(sent: str, one_hall: Hall) -> None:
    visitor = one_hall.visitor()
    visitor.cookies[SHARED_BY] = sent
    status, _page = visitor.ask()
    assert (status, visitor.server in one_hall.servers) == (200, True)
    visitor.set_lines.clear()
    visitor.ask()
    assert SHARED_BY not in visitor.set_lines


def test_a_websocket_that_comes_first_brings_the_cookie_of_its_server(one_hall: Hall) -> None:
    async def visit() -> None:
        for _each in range(4):
            visitor = one_hall.visitor()
            async with visitor.tab(PAGE, "tasks=5&automatic=off") as tab:
                await tab.settle()
                assert visitor.set_lines[SHARED_BY] == COOKIE.format(visitor.server)
                assert await asyncio.to_thread(visitor.upload, tab) == 204

    asyncio.run(visit())


def test_what_nobody_may_read_sets_no_cookie(one_hall: Hall) -> None:
    visitor = one_hall.visitor()
    assert visitor.ask("_stcore/metrics")[0] == 404
    assert visitor.cookies == {}


@pytest.fixture(scope="module")
def one_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    need_nginx()
    with hall(tmp_path_factory.mktemp("hall")) as the_hall:
        yield the_hall
