"""What a hostile visitor may send: others are answered all the same, nothing more is started."""

import asyncio
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import pytest
from websockets.exceptions import ConnectionClosed

from benchmarks import hostility
from benchmarks.hostile_files import HOSTILE
from benchmarks.hostility import PAGE, Attack
from tests.kit.server import Server, running_app
from tests.kit.sessions import Session, figures, is_whole, lanes, session

pytestmark = pytest.mark.real

MOST_CHILDREN = 8
LOOK_EVERY_S = 0.01


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_app() as server:
        yield server


async def assert_served(tab: Session, tasks: int) -> None:
    """Assert that a visitor's next run is their own, whole and without an error."""
    tab.choose(f"{PAGE} tasks", str(tasks))
    tab.press(f"{PAGE} run")
    answer = await tab.settle()
    assert answer.exceptions == []
    assert lanes(figures(answer)[-1]) == tasks
    assert is_whole(answer)


def assert_another_is_served_beside(
    server: Server, attack: Callable[[Session], Awaitable[None]]
) -> None:
    """Let one session attack, and assert that another is served meanwhile and after it."""

    async def both() -> None:
        async with session(server.stream, PAGE) as other, session(server.stream, PAGE) as hostile:
            await asyncio.gather(other.settle(), hostile.settle())
            attacking = asyncio.create_task(to_the_end(attack, hostile))
            await assert_served(other, 8)
            await attacking
            await assert_served(other, 10)

    asyncio.run(both())


async def to_the_end(attack: Callable[[Session], Awaitable[None]], hostile: Session) -> None:
    try:
        await attack(hostile)
    except ConnectionClosed:
        return  # the server may show a hostile visitor the door


async def assert_told_shortly(attack: Attack, hostile: Session) -> None:
    """Attack; assert that each answer has no traceback, and a chart or an error."""
    async for answer in attack(hostile):
        assert all(not each.exception.stack_trace for each in answer.of("exception"))
        assert answer.of("plotly_chart") or answer.exceptions or answer.alerts


def test_texts_that_no_widget_offers_are_taken_for_what_was_chosen_first(server: Server) -> None:
    async def attack(hostile: Session) -> None:
        async for answer in hostility.texts_that_no_widget_offers(hostile):
            assert answer.exceptions == []
        hostile.choose(f"{PAGE} spread", "all equal")
        await assert_served(hostile, 6)

    assert_another_is_served_beside(server, attack)


def test_values_of_other_types_are_refused_in_a_line_until_the_page_is_loaded_anew(
    server: Server,
) -> None:
    async def attack(hostile: Session) -> None:
        await assert_told_shortly(hostility.values_of_other_types, hostile)
        async with session(server.stream, PAGE) as anew:
            await anew.settle()
            await assert_served(anew, 6)

    assert_another_is_served_beside(server, attack)


def test_unknown_widgets_pages_and_fragments_are_answered(server: Server) -> None:
    assert_another_is_served_beside(server, partial(assert_told_shortly, hostility.unknown_names))


@pytest.mark.parametrize("frame", hostility.FRAMES.values(), ids=hostility.FRAMES)
def test_frames_that_are_no_messages_disturb_nobody(server: Server, frame: bytes | str) -> None:
    assert_another_is_served_beside(
        server, partial(assert_told_shortly, partial(hostility.frames, frame))
    )


def test_a_flood_of_reruns_is_answered(server: Server) -> None:
    assert_another_is_served_beside(server, partial(assert_told_shortly, hostility.flood_of_reruns))


def test_a_flood_of_presses_starts_no_more_children_than_there_may_be(server: Server) -> None:
    counts: list[int] = []

    async def attack(hostile: Session) -> None:
        counting = asyncio.create_task(count_children(server, counts))
        await assert_told_shortly(hostility.flood_of_presses, hostile)
        await hostile.settle()
        counting.cancel()

    assert_another_is_served_beside(server, attack)
    assert 0 < max(counts) <= MOST_CHILDREN


async def count_children(server: Server, counts: list[int]) -> None:
    while True:
        counts.append(len(server.measuring_children()))
        await asyncio.sleep(LOOK_EVERY_S)


@pytest.fixture
def small_server() -> Iterator[Server]:
    """Start a server that may take 1 GB of memory, and no more."""
    if sys.platform != "linux":
        pytest.skip("only Linux limits another process")
    import resource

    with running_app(environment={"LOOPSCOPE_PROFILE": "hosted"}) as server:
        resource.prlimit(server.pid, resource.RLIMIT_DATA, (1 << 30, 1 << 30))
        yield server


def test_hostile_files_one_after_another_disturb_nobody_in_a_server_of_1_gb(
    small_server: Server,
) -> None:
    said: list[int] = []

    async def attack(hostile: Session) -> None:
        async for answer in hostility.files(hostile):
            assert answer.exceptions == []
            said.append(len(answer.alerts) + len(answer.of("plotly_chart")))

    assert_another_is_served_beside(small_server, attack)
    assert len(said) == 1 + len(HOSTILE)
    assert all(said[1:])


def test_uploads_that_nobody_asked_for_are_refused_past_a_bound(small_server: Server) -> None:
    async def attack() -> list[int]:
        async with session(small_server.stream, PAGE) as hostile:
            await hostile.settle()
            return [
                await asyncio.to_thread(hostility.upload, hostile, str(number), bytes(9 << 20))
                for number in range(6)
            ]

    assert asyncio.run(attack()) == [204, 204, 204, 204, 413, 413]


QUERIES = [
    "lang=../../../../etc/passwd",
    "window=nan,inf,-1,x",
    "tasks=1e9&sleep=-1&spread=%00&automatic=maybe",
    "run=1&tasks=99999999999999999999",
    "&".join(f"k{number}=v" for number in range(5_000)),
    "tasks=" + "9" * 100_000,
    "%F0%9F%92%A9=%ff%fe&<script>=alert(1)",
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:12])
def test_whatever_the_address_asks_for_the_page_comes(server: Server, query: str) -> None:
    async def visit() -> None:
        async with session(server.stream, PAGE, query) as tab:
            answer = await tab.settle()
            assert answer.exceptions == []
            assert lanes(figures(answer)[-1]) == 5

    asyncio.run(visit())


@pytest.mark.parametrize("megabytes", [0, 3])
def test_what_nobody_asked_to_be_uploaded_is_refused(server: Server, megabytes: int) -> None:
    address = f"{server.address}/_stcore/upload_file/no-such-session/no-such-file"
    body = b"x" * (megabytes * 1_000_000 + 1)
    request = urllib.request.Request(address, data=body, method="PUT")  # noqa: S310 - http
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(request, timeout=30)  # noqa: S310 - http
