"""What a hostile visitor may send: others are answered all the same, nothing more is started."""

import asyncio
import math
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from benchmarks.answers import lanes
from benchmarks.server import Server, running_app
from benchmarks.sessions import Answer, Session, session
from tests.core.words_of_malice import MALICE

pytestmark = pytest.mark.real

PAGE = "gather"
MOST_CHILDREN = 8
PRESSES = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_app() as server:
        yield server


async def settled(tab: Session) -> Answer:
    """Run the page, and what refreshes itself on it, to the end; return the last answer."""
    answer = await tab.rerun()
    while (refreshed := await tab.refresh()) is not None:
        answer = refreshed
    return answer


async def assert_served(tab: Session, tasks: int) -> None:
    """Assert that a visitor's next run is their own, whole and without an error."""
    tab.choose(f"{PAGE} tasks", str(tasks))
    tab.press(f"{PAGE} run")
    answer = await settled(tab)
    assert answer.exceptions == []
    assert [lanes(each.plotly_chart.spec) for each in answer.of("plotly_chart")][-1] == tasks
    assert answer.of("download_button")


def beside_another(server: Server, attack: Callable[[Session], Awaitable[None]]) -> None:
    """Let one session attack while another measures."""

    async def both() -> None:
        async with session(server.stream, PAGE) as other, session(server.stream, PAGE) as hostile:
            await asyncio.gather(settled(other), settled(hostile))
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


def assert_told_shortly(answer: Answer) -> None:
    """Assert that an answer has no traceback, and a chart or an error."""
    assert all(not each.exception.stack_trace for each in answer.of("exception"))
    assert answer.of("plotly_chart") or answer.exceptions or answer.alerts


TEXTS = [
    ["10"] * 10_000,
    ["1000000000000000000000"],
    ["NaN"],
    ["x" * 1_000_000],
    *([each] for each in MALICE),
]


def test_texts_that_no_widget_offers_are_taken_for_what_was_chosen_first(server: Server) -> None:
    async def attack(hostile: Session) -> None:
        for key in (f"{PAGE} tasks", f"{PAGE} spread", f"{PAGE} lanes"):
            for texts in TEXTS:
                hostile.choose(key, *texts)
                answer = await hostile.rerun()
                assert answer.exceptions == []
            hostile.forget(key)
        hostile.choose(f"{PAGE} spread", "all equal")
        await assert_served(hostile, 6)

    beside_another(server, attack)


def of_other_types() -> Iterator[Callable[[WidgetState], None]]:
    """Yield what fills a widget's state with each type of value that is not the widget's."""
    yield lambda state: state.double_array_value.data.extend([math.nan, math.inf, -1e308])
    yield lambda state: state.int_array_value.data.extend([-(2**62)] * 1_000)
    yield lambda state: setattr(state, "double_value", math.nan)
    yield lambda state: setattr(state, "int_value", -(2**62))
    yield lambda state: setattr(state, "bool_value", True)
    yield lambda state: setattr(state, "json_value", "{" * 10_000)
    yield lambda state: setattr(state, "bytes_value", b"\xff" * 1_000)
    yield lambda state: setattr(state, "json_trigger_value", "]")


def test_values_of_other_types_are_refused_in_a_line_until_the_page_is_loaded_anew(
    server: Server,
) -> None:
    async def attack(hostile: Session) -> None:
        for fill in of_other_types():
            fill(hostile.put(f"{PAGE} tasks"))
            assert_told_shortly(await hostile.rerun())
        async with session(server.stream, PAGE) as anew:
            await settled(anew)
            await assert_served(anew, 6)

    beside_another(server, attack)


def test_unknown_widgets_pages_and_fragments_are_answered(server: Server) -> None:
    async def attack(hostile: Session) -> None:
        for name in MALICE:
            hostile.put(name).trigger_value = True
            hostile.forget(name)
            assert_told_shortly(await hostile.rerun(page_script_hash=name))
            assert_told_shortly(await hostile.rerun(page_name=name, page_script_hash=""))
            await hostile.ask(fragment_id=name)  # without such a fragment nothing is run

    beside_another(server, attack)


@pytest.mark.parametrize(
    "frame", [b"\xff" * 1_000, b"", "not binary", b"\0" * 5_000_000], ids=["bad", "no", "text", "5"]
)
def test_frames_that_are_no_messages_disturb_nobody(server: Server, frame: bytes | str) -> None:
    async def attack(hostile: Session) -> None:
        for _ in range(3):
            await hostile.socket.send(frame)

    beside_another(server, attack)


def test_a_flood_of_presses_starts_no_more_children_than_there_may_be(server: Server) -> None:
    most = 0

    async def attack(hostile: Session) -> None:
        nonlocal most
        for press in range(PRESSES):
            hostile.choose(f"{PAGE} tasks", str((5, 6)[press % 2]))
            hostile.press(f"{PAGE} run")
            await hostile.ask()
            most = max(most, len(server.measuring_children()))
            await asyncio.sleep(0)
        while not most:  # a run that has to wait for its turn starts late
            most = len(server.measuring_children())
            await asyncio.sleep(0.01)

    beside_another(server, attack)
    assert 0 < most <= MOST_CHILDREN


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
            answer = await settled(tab)
            assert answer.exceptions == []
            assert [lanes(each.plotly_chart.spec) for each in answer.of("plotly_chart")][-1] == 5

    asyncio.run(visit())


@pytest.mark.parametrize("megabytes", [0, 3])
def test_what_nobody_asked_to_be_uploaded_is_refused(server: Server, megabytes: int) -> None:
    address = f"{server.address}/_stcore/upload_file/no-such-session/no-such-file"
    body = b"x" * (megabytes * 1_000_000 + 1)
    request = urllib.request.Request(address, data=body, method="PUT")  # noqa: S310 - http
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(request, timeout=30)  # noqa: S310 - http
