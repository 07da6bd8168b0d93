"""A server that goes on: its memory over very many runs, and over sessions that come and go.

Run as `python -m benchmarks.endurance --runs 2000 --sessions 500`. A few sessions at a time come,
measure some short runs, each checked, and leave. After 10, 25, 50 and 100 % of them all have left
for a moment: what the server holds then, and what it has not cleared away, makes a row.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report
from benchmarks.load import MEGABYTE, wrong
from core.text.language import NS_PER_MS, duration_text
from tests.kit.server import Server, running_app
from tests.kit.sessions import Expected, Session, faults, is_whole, session

PAGE = "gather"
TASKS = (2, 3, 4)
SLEEP_MS = 10
AT_ONCE = 6
SHARES_PERCENT = (10, 25, 50, 100)
SETTLE_LOOKS = 50
LOOK_EVERY_S = 0.2
DOCS = Path("docs/hosting.md")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at only
HOSTED = {"LOOPSCOPE_PROFILE": "hosted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a server holds while nobody is there.

    Attributes:
        sessions: How many sessions have come and gone.
        runs: How many runs they have seen to their end.
        server_bytes: The server's memory (RSS).
        zygote_bytes: That of the process which forks the measuring children.
        descriptors: The files and sockets that the server has open.
        children: The measuring children that are left.
        files: The files and folders that are left in its temporary folder and in shared memory,
            beyond those of an unused server.
    """

    sessions: int
    runs: int
    server_bytes: int
    zygote_bytes: int
    descriptors: int
    children: int
    files: int


class Endurance:
    """Sessions that come and go on one server.

    Attributes:
        faults: What was wrong with their answers.
    """

    def __init__(self, server: Server, folder: Path, sessions: int, runs: int) -> None:
        self.faults: list[str] = []
        self._server = server
        self._folder = folder
        self._runs_of = [runs // sessions + (each < runs % sessions) for each in range(sessions)]
        self._runs_seen = 0
        self._files_before = self._files()

    async def go_on(self) -> list[Held]:
        """Let all sessions come and go; return what the server held after some of them."""
        held = [await self._held(0)]
        came = 0
        for percent in SHARES_PERCENT:
            until = max(came, len(self._runs_of) * percent // 100)
            await self._let_come(self._runs_of[came:until])
            came = until
            held.append(await self._held(came))
        return held

    async def _let_come(self, runs_of: Sequence[int]) -> None:
        door = asyncio.Semaphore(AT_ONCE)

        async def visit(runs: int) -> None:
            async with door, session(self._server.stream, PAGE) as tab:
                await self._measure(tab, runs)

        await asyncio.gather(*map(visit, runs_of))

    async def _measure(self, tab: Session, runs: int) -> None:
        """Measure as somebody does who has set the sliders once; the page starts nothing."""
        await tab.settle()
        tab.switch(f"{PAGE} automatic", on=False)
        tab.choose(f"{PAGE} sleep", duration_text(SLEEP_MS * NS_PER_MS))
        for run in range(runs):
            asked = Expected(tasks=TASKS[run % len(TASKS)], sleep_ms=SLEEP_MS)
            tab.choose(f"{PAGE} tasks", str(asked.tasks))
            tab.press(f"{PAGE} run")
            answer = await tab.rerun()
            self.faults += faults(answer, asked)
            while (refreshed := await tab.refresh()) is not None:
                answer = refreshed
                self.faults += faults(answer, asked)
            self._runs_seen += is_whole(answer)

    async def _held(self, sessions: int) -> Held:
        """Return what is held once nothing is under way, or after a while all the same."""
        for _ in range(SETTLE_LOOKS):
            if not self._server.measuring_children():
                break
            await asyncio.sleep(LOOK_EVERY_S)
        memory = self._server.memory()
        return Held(
            sessions=sessions,
            runs=self._runs_seen,
            server_bytes=memory.server_bytes,
            zygote_bytes=memory.children_bytes,
            descriptors=self._server.descriptors(),
            children=len(self._server.measuring_children()),
            files=len(self._files() - self._files_before),
        )

    def _files(self) -> set[Path]:
        return {*self._folder.rglob("*"), *SHARED_MEMORY.glob("*")}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; with `--markdown PATH` put it into that page."""
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="end-") as name:
        environment = HOSTED | {"TMPDIR": name}
        with running_app(environment=environment) as server:
            endurance = Endurance(server, Path(name), asked.sessions, asked.runs)
            held = asyncio.run(endurance.go_on())
    table = report.table(headings(), rows(held))
    lines = [report.machine(), "", *table, "", *said(endurance.faults)]
    print("\n".join(lines))
    if asked.markdown is not None:
        report.put_between_markers(asked.markdown, "endurance", "\n".join(["", *lines, ""]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="of all sessions together")
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--markdown", type=Path, help=f"write the table into a page, say {DOCS}")
    return parser


def headings() -> list[str]:
    """Return what stands above the columns."""
    return [
        *("sessions gone", "runs seen", "server", "its child that forks"),
        *("open files", "children left", "files left"),
    ]


def rows(held: Sequence[Held]) -> list[list[str]]:
    """Return a row for each time that nobody was there."""
    return [
        [
            f"{each.sessions:,}",
            f"{each.runs:,}",
            f"{each.server_bytes / MEGABYTE:.0f} MB",
            f"{each.zygote_bytes / MEGABYTE:.0f} MB",
            f"{each.descriptors:,}",
            str(each.children),
            str(each.files),
        ]
        for each in held
    ]


def said(faults: Sequence[str]) -> list[str]:
    """Return what is to be said of the answers."""
    return [f"Wrong answers: {len(faults)}.", *wrong(faults)]


if __name__ == "__main__":
    main()
