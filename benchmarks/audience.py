"""An audience: sessions that press Run about once a second, and what they see of the server."""

import asyncio
import contextlib
import json
import math
import random
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Self

from benchmarks.server import Server
from benchmarks.sessions import Answer, Expected, Session, faults, is_whole, lateness_ms, session

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
        """Press Run so many times, about once a second, and follow each run to its end."""
        await asyncio.sleep(self.dice.uniform(0, PRESS_EVERY_S))
        for _ in range(presses):
            pressed_s = time.perf_counter()
            await self._run()
            await asyncio.sleep(max(0.0, pressed_s + PRESS_EVERY_S - time.perf_counter()))

    def _hear(self, answer: Answer) -> None:
        self.heard.append((answer, self.asked))


def waits_ms(log: Iterable[bytes]) -> list[float]:
    """Return how long runs have waited for their turn, from the lines that a server logs of them.

    What the log holds beside, such as a traceback, is passed over.
    """
    found = []
    for line in log:
        with contextlib.suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict) and told.get("event") == "run":
                found.append(float(told["waited_ms"]))
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
