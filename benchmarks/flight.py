"""What the flight recorder costs a server: two of uvicorn, one with it, asked in turns.

`python -m benchmarks.flight` prints a table. Each turn asks both servers the same requests over one
connection, so that the ratios hold on a busy machine; processor time is that of the servers alone.
Both run on asyncio's own loop. Where uvloop is installed, uvicorn takes that by itself: how it does
against asyncio's loop, both bare, is said below the table.
Memory is asked for once the ten seconds that are held are full, and at the end. The cut is timed
from the signal until its file stands, after ten seconds of one request after another.
"""

import argparse
import importlib.util
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.report import machine, put_between_markers, python, table
from core.analysis.findings import holds
from core.runfile import load_from
from tests.kit.asgi import BLOCKING_LINE, RECORDED, AsgiServer, serving

REQUESTS_IN_A_TURN = 500
REQUESTS = 200_000
HELD_S = 11.0
LIMIT_S = 10.0
MB = 1 << 20
PAUSE_S = 0.002
ON_ASYNCIO = ("--loop", "asyncio")
ON_UVLOOP = ("--loop", "uvloop")
REQUESTS_OF_LOOPS = 10_000


@dataclass
class Asked:
    """How one of the servers did."""

    server: AsgiServer
    waits_s: list[float] = field(default_factory=list)
    paused_waits_s: list[float] = field(default_factory=list)
    full_mb: float = 0.0
    end_mb: float = 0.0
    cpu_s: float = 0.0

    @property
    def process(self) -> psutil.Process:
        """The server's process."""
        return psutil.Process(self.server.process.pid)

    @property
    def used_s(self) -> float:
        """What the server has used of the processors, in seconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @property
    def resident_mb(self) -> float:
        """What the server has in memory."""
        return float(self.process.memory_info().rss / MB)


def ask_in_turns(servers: Sequence[Asked], requests: int) -> None:
    """Ask the servers in turns, without a pause between two requests."""
    began_s = time.monotonic()
    for turn in range(-(-requests // REQUESTS_IN_A_TURN)):
        for each in servers[:: 1 if turn % 2 else -1]:
            before_s = each.used_s
            each.waits_s += [each.server.ask() for _ in range(REQUESTS_IN_A_TURN)]
            each.cpu_s += each.used_s - before_s
            if not each.full_mb and time.monotonic() - began_s > HELD_S:
                each.full_mb = each.resident_mb
    for each in servers:
        each.end_mb = each.resident_mb


def fill(server: AsgiServer) -> None:
    """Ask a server without a pause until all that its recorder holds is of that."""
    until_s = time.monotonic() + HELD_S
    while time.monotonic() < until_s:
        server.ask()


def ask_with_pauses(servers: Sequence[Asked], requests: int) -> None:
    """Ask the servers in turns, with a pause after each request, as a server usually is asked."""
    for turn in range(requests):
        for each in servers[:: 1 if turn % 2 else -1]:
            each.paused_waits_s.append(each.server.ask())
            time.sleep(PAUSE_S)


def awaited_cut(folder: Path, ask: Callable[[], object]) -> tuple[float, Path]:
    """Return how long a cut took, from the moment that it is asked for, and its file."""
    before = set(folder.glob("*.loopscope"))
    began_s = time.perf_counter()
    ask()
    while time.perf_counter() - began_s < LIMIT_S:
        if new := set(folder.glob("*.loopscope")) - before:
            return time.perf_counter() - began_s, new.pop()
        time.sleep(0.001)
    raise TimeoutError(f"no cut was written within {LIMIT_S:.0f} s")


def ask_for_a_cut(server: AsgiServer) -> None:
    """Send the signal that asks for one."""
    if sys.platform == "win32":
        sys.exit("Windows has no SIGUSR2")
    server.process.send_signal(signal.SIGUSR2)


def named_line(folder: Path, server: AsgiServer) -> str:
    """Return the line that a cut names after a request whose handler blocks the loop."""
    _, cut = awaited_cut(folder, lambda: server.ask("/blocks"))
    time.sleep(0.2)  # the file stands once it is renamed; its directory is asked again
    with cut.open("rb") as file:
        (timeline,) = load_from(file)
    return str(holds(timeline)[0].where)


def compared_loops(scratch: Path, requests: int) -> str:
    """Return how uvloop does, which uvicorn takes by itself where it is installed."""
    if importlib.util.find_spec("uvloop") is None:
        return ""
    with (
        serving(scratch / "asyncio", *ON_ASYNCIO) as usual,
        serving(scratch / "uvloop", *ON_UVLOOP) as faster,
    ):
        servers = Asked(usual), Asked(faster)
        ask_in_turns(servers, requests)
    on_asyncio, on_uvloop = (1e3 * statistics.median(each.waits_s) for each in servers)
    return (
        f"Both servers run on asyncio's loop: bare it took {on_asyncio:.3f} ms at the median, "
        f"uvloop {on_uvloop:.3f} ms, in {requests:,} requests each."
    )


def report(requests: int) -> str:
    """Return the table of both servers, and what was found about the cuts."""
    with tempfile.TemporaryDirectory() as scratch:
        bare_in, recorded_in = Path(scratch) / "bare", Path(scratch) / "recorded"
        with (
            serving(bare_in, *ON_ASYNCIO) as bare,
            serving(recorded_in, *RECORDED, LOOPSCOPE_SLOW_STEP_MS="100") as recorded,
        ):
            servers = Asked(bare), Asked(recorded)
            ask_in_turns(servers, requests)
            ask_with_pauses(servers, min(2_000, requests))
            fill(recorded)
            cut_s, cut = awaited_cut(recorded_in, lambda: ask_for_a_cut(recorded))
            cut_kb = cut.stat().st_size / 1024
            line = named_line(recorded_in, recorded)
        loops = compared_loops(Path(scratch), min(REQUESTS_OF_LOOPS, requests))
    rows = [
        [
            name,
            f"{of(servers[0]):.3f}",
            f"{of(servers[1]):.3f}",
            f"{of(servers[1]) / of(servers[0]):.2f}",
        ]
        for name, of in FIGURES
    ]
    growth = servers[1].end_mb / servers[1].full_mb - 1 if servers[1].full_mb else float("nan")
    found = (
        f"{len(servers[1].waits_s):,} requests each; the recorded server's memory grew by "
        f"{growth:.1%} once the ten seconds were full. A cut of {cut_kb:,.0f} KiB stood "
        f"{1e3 * cut_s:.0f} ms after the signal. The blocking handler is `{BLOCKING_LINE}`; its "
        f"cut names `{line}`."
    )
    found = " ".join(filter(None, (found, loops)))
    headings = ["a server that answers at once", "bare", "recorded", "ratio"]
    return "\n".join([*table(headings, rows), "", found, "", f"{python()}, {machine()}."])


FIGURES: list[tuple[str, Callable[[Asked], float]]] = [
    (
        "latency at the median, one after another (ms)",
        lambda of: 1e3 * statistics.median(of.waits_s),
    ),
    ("the same with pauses (ms)", lambda of: 1e3 * statistics.median(of.paused_waits_s)),
    ("processor time of a request (ms)", lambda of: 1e3 * of.cpu_s / len(of.waits_s)),
    ("memory (MB)", lambda of: of.end_mb),
]


def main() -> None:
    """Print the table, or put it into a page of the docs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each server")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="a page of the docs")
    options = parser.parse_args()
    text = report(options.requests)
    print(text)
    if options.markdown:
        put_between_markers(options.markdown, "flight", text)


if __name__ == "__main__":
    main()
