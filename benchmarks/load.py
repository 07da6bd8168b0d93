"""A hall full of people: many sessions at once, and whether each gets its own, and when.

Run as `python -m benchmarks.load --sessions 50 --seconds 30`. It starts the app twice, as it is
configured and with a full garbage collection after every rerun, and each session has a tab on
both. They take turns in slices of time, so the ratio holds on a busy machine. Each presses Run
about once a second, and each fifth time moves its number of tasks first; each answer is checked.
Before that ten sessions press Run with five jobs, and the server's process is asked what processor
time it took; with `--seconds 0` that is all.

The tabs live in this process, which shares the processors with the servers and their children.
"""

import argparse
import asyncio
import contextlib
import json
import math
import random
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from benchmarks import report
from tests.kit.server import Server, running_app
from tests.kit.sessions import Answer, Expected, Session, faults, is_whole, lateness_ms, session

PAGE = "gather"
TASKS = (5, 6, 8, 10, 15, 20)
RUNS_A_NUMBER = 5
SLEEP_MS = 200.0
PRESS_EVERY_S = 1.0
LOOK_EVERY_S = 1.0
ARRIVING_AT_ONCE = 4


@dataclass(slots=True, kw_only=True)
class Seen:
    """What an audience saw of its server, summed up over its slices of time."""

    sessions: int
    active_s: float = 0.0
    runs: int = 0
    reruns_s: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    server_bytes: int = 0
    children_bytes: int = 0
    children: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a server has used of the processors while an audience pressed Run, without children.

    Attributes:
        sessions: How many pressed, side by side.
        tasks: How many jobs each run had.
        runs: How many came to their end.
        reruns: How often a script or a fragment of it ran for them.
        processor_s: What the process of the server used, in user and system mode, in seconds.
    """

    sessions: int
    tasks: int
    runs: int
    reruns: int
    processor_s: float

    @property
    def run_ms(self) -> float:
        """Milliseconds of a processor for each run; NaN if none came to its end."""
        return self.processor_s * 1_000 / self.runs if self.runs else math.nan


@dataclass(slots=True, kw_only=True)
class _Visitor:
    """One of the audience, with what came during a slice; checked when the slice is over."""

    tab: Session
    dice: random.Random
    heard: list[tuple[Answer, Expected]] = field(default_factory=list)
    asked: Expected = field(default_factory=lambda: Expected(tasks=0, sleep_ms=SLEEP_MS))
    runs: int = 0

    async def play(self, until_s: float) -> None:
        """Press Run again and again, once a second or as soon as the last run is shown."""
        await asyncio.sleep(self.dice.uniform(0, PRESS_EVERY_S))
        while (now_s := time.perf_counter()) < until_s:
            await self.run()
            await asyncio.sleep(max(0.0, now_s + PRESS_EVERY_S - time.perf_counter()))

    async def run(self) -> None:
        """Press Run and follow the run to its end; now and then move the number of tasks first."""
        if self.runs % RUNS_A_NUMBER == 0:
            self._hear(await self.choose(self.dice.choice(TASKS)))
        self.runs += 1
        await self._run()

    async def _run(self) -> None:
        self._hear(await self.tab.pressed(f"{PAGE} run"))
        while (refreshed := await self.tab.refresh()) is not None:
            self._hear(refreshed)

    async def choose(self, tasks: int) -> Answer:
        """Choose a number of tasks; nothing is measured."""
        self.asked = replace(self.asked, tasks=tasks)
        self.tab.choose(f"{PAGE} tasks", str(tasks))
        return await self.tab.rerun()

    async def press(self, presses: int) -> None:
        """Press Run `presses` times, about once a second, and follow each run to its end."""
        await asyncio.sleep(self.dice.uniform(0, PRESS_EVERY_S))
        for _ in range(presses):
            pressed_s = time.perf_counter()
            await self._run()
            await asyncio.sleep(max(0.0, pressed_s + PRESS_EVERY_S - time.perf_counter()))

    def _hear(self, answer: Answer) -> None:
        self.heard.append((answer, self.asked))


def waits_ms(log: Iterable[bytes]) -> list[float]:
    """Return how long runs have waited for their turn, from the lines that a server logs of them.

    Other lines of the log, such as a traceback, are skipped.
    """
    found = []
    for line in log:
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.get("event") == "run":
                found.append(float(entry["waited_ms"]))
    return found


class Audience:
    """Sessions with a tab each on a page of one server.

    Attributes:
        seen: What they saw so far.
    """

    def __init__(self, server: Server, visitors: list[_Visitor]) -> None:
        """Let visitors use a server; nothing happens before `play`."""
        self._server = server
        self._visitors = visitors
        self._logged = server.log.stat().st_size
        self.seen = Seen(sessions=len(visitors))

    @classmethod
    @asynccontextmanager
    async def seated(cls, server: Server, sessions: int) -> AsyncIterator[Self]:
        """Let sessions come to a server's page, a few at a time, and leave together."""
        door = asyncio.Semaphore(ARRIVING_AT_ONCE)

        async def arrive(stack: AsyncExitStack, seed: int) -> _Visitor:
            async with door:
                tab = await stack.enter_async_context(session(server.stream, PAGE))
                await tab.settle()
                tab.switch(f"{PAGE} automatic", on=False)
            return _Visitor(tab=tab, dice=random.Random(seed))  # noqa: S311

        async with AsyncExitStack() as stack:
            arriving = [arrive(stack, seed) for seed in range(sessions)]
            yield cls(server, list(await asyncio.gather(*arriving)))

    async def play(self, seconds: float) -> None:
        """Let everybody press Run for some seconds, then check what each has got."""
        began_s = time.perf_counter()
        looking = asyncio.create_task(self._look())
        await asyncio.gather(*(each.play(began_s + seconds) for each in self._visitors))
        self.seen.active_s += time.perf_counter() - began_s
        looking.cancel()
        self._check_all()
        self._read_log()

    async def press(self, presses: int, *, tasks: int) -> Cost:
        """Let everybody press Run so many times with so many jobs; return what the server used."""
        await asyncio.gather(*(each.choose(tasks) for each in self._visitors))
        before_s = self._server.processor_s()
        await asyncio.gather(*(each.press(presses) for each in self._visitors))
        used_s = self._server.processor_s() - before_s
        runs, reruns = self.seen.runs, len(self.seen.reruns_s)
        self._check_all()
        return Cost(
            sessions=len(self._visitors),
            tasks=tasks,
            runs=self.seen.runs - runs,
            reruns=len(self.seen.reruns_s) - reruns,
            processor_s=used_s,
        )

    def _check_all(self) -> None:
        """Check what was heard since the last time."""
        for visitor in self._visitors:
            for answer, asked in visitor.heard:
                self._check(answer, asked)
            visitor.heard.clear()

    def _read_log(self) -> None:
        """Take from the server's log how long each run has waited for its turn."""
        with self._server.log.open("rb") as log:
            log.seek(self._logged)
            lines = log.readlines()
        self._logged += sum(map(len, lines))
        self.seen.waits_ms += waits_ms(lines)

    def _check(self, answer: Answer, asked: Expected) -> None:
        seen = self.seen
        seen.reruns_s.append(answer.took_s)
        seen.faults += faults(answer, asked)
        if is_whole(answer):
            seen.runs += 1
            seen.late_ms += lateness_ms(answer, asked)

    async def _look(self) -> None:
        """Note how much memory the server and its children use, and how many there are."""
        while True:
            used = self._server.memory()
            self.seen.server_bytes = max(self.seen.server_bytes, used.server_bytes)
            self.seen.children_bytes = max(self.seen.children_bytes, used.children_bytes)
            self.seen.children = max(self.seen.children, used.children)
            await asyncio.sleep(LOOK_EVERY_S)


MEGABYTE = 1_000_000
SHOWN_FAULTS = 3


def headings() -> list[str]:
    """Return what stands above the columns."""
    return ["", "as configured", "postScriptGC = true"]


def rows(seen: Sequence[Seen]) -> list[list[str]]:
    """Return the rows, a number of each audience in each."""
    columns = [_column(each) for each in seen]
    return [[name, *(column[name] for column in columns)] for name in columns[0]]


def _column(seen: Seen) -> dict[str, str]:
    reruns_ms = [each * 1_000 for each in seen.reruns_s]
    return {
        "sessions": str(seen.sessions),
        "reruns a second": f"{len(seen.reruns_s) / seen.active_s:.1f}",
        "runs a second": f"{seen.runs / seen.active_s:.1f}",
        "a rerun, asked to finished, p50": f"{percentile(reruns_ms, 50):.1f} ms",
        "the same, p99": f"{percentile(reruns_ms, 99):.1f} ms",
        "wait for a run's turn, p50": f"{percentile(seen.waits_ms, 50):.1f} ms",
        "the same, p99  ": f"{percentile(seen.waits_ms, 99):.1f} ms",
        "lateness of a sleep, p50": f"{percentile(seen.late_ms, 50):.2f} ms",
        "the same, p99 ": f"{percentile(seen.late_ms, 99):.2f} ms",
        "answers": f"{len(seen.reruns_s):,}",
        "of them wrong": str(len(seen.faults)),
        "memory of the server": f"{seen.server_bytes / MEGABYTE:.0f} MB",
        "memory of its children": f"{seen.children_bytes / MEGABYTE:.0f} MB",
        "children at most": str(seen.children),
    }


def crowd_text(seen: Seen) -> str:
    """Return what a crowd saw: how many they were, how many answers came, and which were wrong."""
    answers, wrong = len(seen.reruns_s), len(seen.faults)
    return f"{seen.sessions} sessions at once: {answers:,} answers, of them wrong: {wrong}."


def cost_text(costs: Sequence[Cost]) -> str:
    """Return what processor time a run costs the server, from what was seen slice by slice."""
    runs, reruns = (sum(each) for each in zip(*((c.runs, c.reruns) for c in costs), strict=True))
    each_ms = [cost.run_ms for cost in costs]
    return (
        f"Processor time of the server, without its children, for a run of {costs[0].tasks} jobs: "
        f"{statistics.median(each_ms):.1f} ms (median of {len(costs)} slices of time, least "
        f"{min(each_ms):.1f} ms; {costs[0].sessions} sessions at once, {runs:,} runs, "
        f"{reruns / runs if runs else math.nan:.1f} reruns for each)."
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of some values; NaN for none."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def comparison(seen: Sequence[Seen]) -> list[str]:
    """Return what the columns say of one another, and what was wrong, if anything was."""
    ours, theirs = (percentile(each.reruns_s, 50) for each in seen)
    lines = [f"A rerun takes {theirs / ours:.1f} times as long with the collection, at p50."]
    return [*lines, *wrong([fault for each in seen for fault in each.faults])]


def wrong(faults: Sequence[str]) -> list[str]:
    """Return lines that name the first faults."""
    return [f"- wrong: {fault}" for fault in faults[:SHOWN_FAULTS]]


SLICE_S = 5.0
PRESSING, JOBS_A_PRESS, PRESSES_A_SLICE = 10, 5, 4
"""Where processor time is measured: how many sessions press Run, with how many jobs, how often."""
DOCS = Path("docs/hosting.md")
WITH_COLLECTION = "--runner.postScriptGC=true"
HOSTED = {"LOOPSCOPE_PROFILE": "hosted", "LOOPSCOPE_LOG": "1"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; with `--markdown PATH` put it into that page."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running_app(options, environment=HOSTED))
            for options in ([], [WITH_COLLECTION])
        ]
        parts = {"load cost": asyncio.run(_cost(servers[0], asked.slices))}
        if asked.seconds:
            parts["load"] = asyncio.run(measure(servers, asked))
    for name, lines in parts.items():
        print("\n".join(lines))
        if asked.markdown is not None:
            report.put_between_markers(asked.markdown, name, "\n".join(["", *lines, ""]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0, help="for each of the two servers")
    parser.add_argument("--crowd", type=int, default=100, help="sessions that come after that")
    parser.add_argument("--slices", type=int, default=10, help="where processor time is measured")
    parser.add_argument("--markdown", type=Path, help=f"write the table into a page, say {DOCS}")
    return parser


async def _cost(server: Server, slices: int) -> list[str]:
    """Let sessions press Run, slice by slice; return the text about the processor time."""
    async with Audience.seated(server, PRESSING) as audience:
        costs = [await audience.press(PRESSES_A_SLICE, tasks=JOBS_A_PRESS) for _ in range(slices)]
        return [report.machine(), "", cost_text(costs), *wrong(audience.seen.faults)]


async def measure(servers: Sequence[Server], asked: argparse.Namespace) -> list[str]:
    """Let audiences use the servers in turns, then a crowd; return the report."""
    sessions, seconds = asked.sessions, asked.seconds
    async with AsyncExitStack() as stack:
        audiences = [
            await stack.enter_async_context(Audience.seated(server, sessions)) for server in servers
        ]
        for _ in range(max(1, round(seconds / SLICE_S))):
            for audience in audiences:
                await audience.play(min(SLICE_S, seconds))
    crowd = await _crowd(servers[0], asked.crowd)
    seen = [audience.seen for audience in audiences]
    return [
        f"{report.machine()}, of which the sessions use a part, too",
        "",
        *report.table(headings(), rows(seen)),
        "",
        *comparison(seen),
        crowd_text(crowd),
        *wrong(crowd.faults),
    ]


async def _crowd(server: Server, sessions: int) -> Seen:
    """Let very many sessions use a server for a moment, and return what they saw."""
    async with Audience.seated(server, sessions) as audience:
        await audience.play(SLICE_S)
        return audience.seen


if __name__ == "__main__":
    main()
