"""What one session feels while another is hostile: its slowest rerun during each attack.

Run as `python -m benchmarks.hostility`; `--markdown docs/hosting.md` puts the table into that page.
A rerun is measured from the moment it is asked for until its script has finished, before the
attack and during it, on the same server. An attack is what a hostile visitor may send over an open
connection; no widget allows any of it.
"""

import argparse
import asyncio
import http.client
import math
import statistics
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from benchmarks import report
from benchmarks.hostile_files import HOSTILE
from tests.kit.server import Server, running_app
from tests.kit.sessions import Answer, Session, session

MALICE = (
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "[a link](javascript:alert(1))",
    "$x^2$",
    ":material/home: :red[red] :smile:",
    "\u202eright to left\u202c",
    "../../../../etc/passwd",
    "$(reboot); `reboot`",
    "%(x)s {0} {name}",
    "",
)


PAGE, OPEN_FILE = "gather", "open_file"
MB = 1 << 20
EDGE = "edge-of-a-part"
Attack = Callable[[Session], AsyncIterator[Answer]]
"""Sends what it sends, and gives the answers that came to it."""

TEXTS: list[list[str]] = [
    [],
    ["10"] * 10_000,
    ["1000000000000000000000"],
    ["NaN"],
    ["x" * 1_000_000],
    *([each] for each in MALICE),
]
FRAMES: dict[str, bytes | str] = {
    "bytes that are no message": b"\xff" * 1_000,
    "nothing": b"",
    "text": "not binary",
    "5 MB": b"\0" * 5_000_000,
}
FRAMES_SENT = 3
FLOOD = 300
PRESSES = 60
UPLOADS = 12


async def texts_that_no_widget_offers(hostile: Session) -> AsyncIterator[Answer]:
    """Choose what sliders and choices do not have."""
    for key in (f"{PAGE} tasks", f"{PAGE} spread", f"{PAGE} lanes"):
        for texts in TEXTS:
            hostile.choose(key, *texts)
            yield await hostile.rerun()
        hostile.forget(key)


async def values_of_other_types(hostile: Session) -> AsyncIterator[Answer]:
    """Fill a slider of texts with each type of value that is not its own."""
    for fill in _of_other_types():
        fill(hostile.put(f"{PAGE} tasks"))
        yield await hostile.rerun()


def _of_other_types() -> Iterator[Callable[[WidgetState], None]]:
    yield lambda state: state.double_array_value.data.extend([math.nan, math.inf, -1e308])
    yield lambda state: state.int_array_value.data.extend([-(2**62)] * 1_000)
    yield lambda state: setattr(state, "double_value", math.nan)
    yield lambda state: setattr(state, "int_value", -(2**62))
    yield lambda state: setattr(state, "bool_value", True)
    yield lambda state: setattr(state, "json_value", "{" * 10_000)
    yield lambda state: setattr(state, "bytes_value", b"\xff" * 1_000)
    yield lambda state: setattr(state, "json_trigger_value", "]")


async def unknown_names(hostile: Session) -> AsyncIterator[Answer]:
    """Ask for widgets, pages and fragments that there are not."""
    for name in MALICE:
        hostile.put(name).trigger_value = True
        hostile.forget(name)
        yield await hostile.rerun(page_script_hash=name)
        yield await hostile.rerun(page_name=name, page_script_hash="")
        await hostile.ask(fragment_id=name)  # without such a fragment nothing is run


async def frames(frame: bytes | str, hostile: Session) -> AsyncIterator[Answer]:
    """Send frames that are no messages, then ask for a rerun."""
    for _ in range(FRAMES_SENT):
        await hostile.socket.send(frame)
    yield await hostile.rerun()


async def flood_of_reruns(hostile: Session) -> AsyncIterator[Answer]:
    """Ask for very many reruns without waiting for one."""
    await asyncio.gather(*(hostile.ask() for _ in range(FLOOD)))
    yield await hostile.rerun()


async def flood_of_presses(hostile: Session) -> AsyncIterator[Answer]:
    """Press Run very often, each time with other settings, without waiting."""
    for press in range(PRESSES):
        hostile.choose(f"{PAGE} tasks", str((5, 6)[press % 2]))
        hostile.press(f"{PAGE} run")
        await hostile.ask()
        await asyncio.sleep(0)
    yield await hostile.rerun()


async def files(hostile: Session) -> AsyncIterator[Answer]:
    """Open every hostile file on the page for run files, one after another."""
    hostile.page, hostile.page_hash = OPEN_FILE, ""
    yield await hostile.settle()
    for name in HOSTILE:
        data = await asyncio.to_thread(made, name)
        await asyncio.to_thread(upload, hostile, name, data)
        chosen = hostile.put(f"{OPEN_FILE} files").file_uploader_state_value.uploaded_file_info
        chosen.add(name=f"{name}.json", size=len(data), file_id=name)
        yield await hostile.rerun()
        await asyncio.to_thread(upload, hostile, name, None)


@cache
def made(name: str) -> bytes:
    """Return a hostile file; the first time it takes up to seconds of this process."""
    return HOSTILE[name]()


async def uploads_that_nobody_asked_for(hostile: Session) -> AsyncIterator[Answer]:
    """Send file after file without a widget that shows one, as large as a file may be."""
    for number in range(UPLOADS):
        await asyncio.to_thread(upload, hostile, str(number), bytes(9 * MB))
    yield await hostile.rerun()


def upload(tab: Session, name: str, data: bytes | None) -> int:
    """Send a file as a browser does for a session, or take it back; return the answer's status."""
    host = str(tab.socket.request.headers["Host"]) if tab.socket.request else ""
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request("GET", "/_stcore/health")
        answer = connection.getresponse()
        answer.read()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="f"; filename="f.json"\r\n\r\n'
        connection.request(
            "DELETE" if data is None else "PUT",
            f"/_stcore/upload_file/{tab.session_id}/{quote(name)}",
            body=head.encode() + (data or b"") + f"\r\n--{EDGE}--\r\n".encode(),
            headers={
                "Content-Type": f"multipart/form-data; boundary={EDGE}",
                "Cookie": cookie,
                "X-Xsrftoken": cookie.partition("=")[2],
            },
        )
        return connection.getresponse().status
    except ConnectionError:  # a server may refuse a large file before it is all sent
        return 0
    finally:
        connection.close()


ATTACKS: dict[str, Attack] = {
    "chooses texts that no widget offers, up to 1 MB": texts_that_no_widget_offers,
    "fills a widget with values of other types": values_of_other_types,
    "asks for unknown widgets, pages, fragments": unknown_names,
    "sends frames of 5 MB": partial(frames, FRAMES["5 MB"]),
    f"asks for {FLOOD} reruns at once": flood_of_reruns,
    f"presses Run {PRESSES} times at once": flood_of_presses,
    f"opens {len(HOSTILE)} hostile files": files,
    f"sends {UPLOADS} files of 9 MB unasked": uploads_that_nobody_asked_for,
}
"""Attacks by what the hostile session does."""


MOVES = 20
"""Reruns that are measured at least, before an attack and from its beginning on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """How long each rerun of a session took, before an attack of another and during it."""

    before_s: list[float]
    beside_s: list[float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; with `--markdown PATH` put it into that page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostility", description=__doc__)
    parser.add_argument("--markdown", type=Path, help="write the table into a page")
    asked = parser.parse_args(arguments)
    for name in HOSTILE:
        made(name)  # meanwhile this process would hear no answer
    with running_app(environment={"LOOPSCOPE_PROFILE": "hosted"}) as server:
        felt = {name: asyncio.run(beside(server, attack)) for name, attack in ATTACKS.items()}
    lines = [report.machine(), "", *report.table(headings(), rows(felt))]
    print("\n".join(lines))
    if asked.markdown is not None:
        report.put_between_markers(asked.markdown, "hostility", "\n".join(["", *lines, ""]))


async def beside(server: Server, attack: Attack) -> Felt:
    """Let one session attack while another asks for one rerun after the other."""
    async with session(server.stream, PAGE) as hostile, session(server.stream, PAGE) as other:
        for tab in (hostile, other):
            await tab.settle()
        before_s = [await _rerun_s(other) for _ in range(MOVES)]
        attacking = asyncio.create_task(_to_the_end(attack, hostile))
        beside_s: list[float] = []
        while len(beside_s) < MOVES or not attacking.done():
            beside_s.append(await _rerun_s(other))
        await attacking
        return Felt(before_s=before_s, beside_s=beside_s)


async def _rerun_s(tab: Session) -> float:
    answer = await tab.rerun()
    if answer.exceptions:
        raise RuntimeError(f"another session's page failed: {answer.exceptions}")
    return answer.took_s


async def _to_the_end(attack: Attack, hostile: Session) -> None:
    try:
        async for _ in attack(hostile):
            pass
    except ConnectionClosed:
        return  # the server may show a hostile visitor the door


def headings() -> list[str]:
    """Return what stands above the columns."""
    return ["one session …", "another's reruns", "before, p50", "beside, p50", "beside, slowest"]


def rows(felt: dict[str, Felt]) -> list[list[str]]:
    """Return a row for each attack."""
    return [
        [
            name,
            str(len(each.beside_s)),
            _ms(statistics.median(each.before_s)),
            _ms(statistics.median(each.beside_s)),
            _ms(max(each.beside_s)),
        ]
        for name, each in felt.items()
    ]


def _ms(time_s: float) -> str:
    return f"{time_s * 1_000:.0f} ms"


if __name__ == "__main__":
    main()
