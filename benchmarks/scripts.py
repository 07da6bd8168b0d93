"""What recording adds to a program of somebody's own, from its start to its file, beside viztracer.

`python -m benchmarks.scripts` runs each script bare, by `loopscope record` and by
`viztracer --log_async`, in turn, and prints the processor time of the whole process: the import of
the tool, the run, and the file that it writes. `--markdown FILE` puts the table into a page.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import machine, put_between_markers, python, table

ROOT = Path(__file__).resolve().parents[1]
BARE, OURS, THEIRS = "bare", "Loopscope", "viztracer"
ENTRIES = 3_000_000
"""Large enough that viztracer overwrites none of its entries."""
SCRIPTS = {
    "1,000 tasks that yield 100 times": """
import asyncio
async def yields():
    for _ in range(100):
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(*[yields() for _ in range(1000)])
asyncio.run(main())
""",
    "2,000 tasks, 10 timers each": """
import asyncio
async def sleeps():
    for _ in range(10):
        await asyncio.sleep(0.001)
async def main():
    async with asyncio.TaskGroup() as group:
        for _ in range(2000):
            group.create_task(sleeps())
asyncio.run(main())
""",
    "200 tasks, 50 steps of work each": """
import asyncio
def work(n):
    return sum(n * each for each in range(600))
async def computes():
    for n in range(50):
        work(n)
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(*[computes() for _ in range(200)])
asyncio.run(main())
""",
    "100 clients of a server, 50 lines each": """
import asyncio
async def handle(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for n in range(50):
        writer.write(b"line\\n")
        await reader.readline()
    writer.close()
    await writer.wait_closed()
async def main():
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await asyncio.gather(*[ask(port) for _ in range(100)])
asyncio.run(main())
""",
    "2,000 calls in threads": """
import asyncio
async def main():
    for _ in range(20):
        await asyncio.gather(*[asyncio.to_thread(sum, range(100)) for _ in range(100)])
asyncio.run(main())
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds of processor time of a script under each tool: medians of the rounds."""

    script: str
    bare_s: float
    ours_s: float
    theirs_s: float

    @property
    def share(self) -> float:
        """What we add, by what viztracer adds."""
        return (self.ours_s - self.bare_s) / (self.theirs_s - self.bare_s)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        ratios = (self.ours_s / self.bare_s, self.theirs_s / self.bare_s)
        return self.script, f"{self.bare_s:.2f}", *(f"{each:.2f}" for each in (*ratios, self.share))


def commands(script: str) -> dict[str, list[str]]:
    """Return what starts a script bare and under each tool."""
    viztracer = ["-m", "viztracer", "--log_async", "--quiet", "--tracer_entries", str(ENTRIES)]
    return {
        BARE: [sys.executable, script],
        OURS: [sys.executable, str(ROOT / "core/recording"), "record", "--out", "a", script],
        THEIRS: [sys.executable, *viztracer, "--output_file", "a.json", script],
    }


def processor_s(command: Sequence[str], folder: Path) -> float:
    """Return the processor time of a process with all that it has waited for.

    Raises:
        CalledProcessError: If it fails.
    """
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait4: Any = vars(os)["wait4"]  # Windows has none
    _, status, usage = wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return float(usage.ru_utime + usage.ru_stime)


def cost(script: str, source: str, rounds: int) -> Cost:
    """Return what a script costs; each round runs all tools in turn."""
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "script.py").write_text(source, encoding="utf-8")
            for tool, command in commands("script.py").items():
                found.setdefault(tool, []).append(processor_s(command, Path(folder)))
    middle = {tool: median(times) for tool, times in found.items()}
    return Cost(script=script, bare_s=middle[BARE], ours_s=middle[OURS], theirs_s=middle[THEIRS])


HEADINGS = ("a script", "bare, s", "recorded, times", "viztracer, times", "added, by viztracer's")


def report(costs: Sequence[Cost], rounds: int) -> str:
    """Return the table and where it was measured."""
    lines = table(HEADINGS, [each.cells for each in costs])
    return "\n".join([*lines, "", f"Medians of {rounds} rounds. {python()}, {machine()}."])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print or put into a page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scripts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    costs = [cost(name, source, options.rounds) for name, source in SCRIPTS.items()]
    text = report(costs, options.rounds)
    print(text)
    if options.markdown:
        put_between_markers(options.markdown, "scripts", text)


if __name__ == "__main__":
    main()
