"""What other tools cost on the same work: each run in a fresh process, all of them in turn.

Fresh, since a profiler leaves hooks and caches behind.
`python -m benchmarks.rivals TOOL PROGRAM JOBS ROUNDS` is such a process: it runs one program under
one tool, and prints what that cost and what it leaves behind as a line of JSON. Each tool watches
the same gather of the same jobs; saving is what it does after that to have a file.
"""

import asyncio
import gc
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from benchmarks.programs import Program, programs, recorded_run, timeline_of
from benchmarks.report import table
from core.jobs import CoroutineJob
from core.patterns.gather import gather
from core.runfile import dump

WARM_UP_JOBS = 20
VIZTRACER_ENTRIES = 3_000_000
"""Large enough that none of its entries is overwritten by a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one run under one tool cost; `entries` is 0 for tools that keep sums or samples."""

    cpu_ns: int
    save_ns: int = 0
    entries: int = 0
    file_bytes: int = 0
    compressed_bytes: int = 0


class Tool(Protocol):
    """A profiler or tracer that is imported by its name, on first use."""

    def start(self) -> None:
        """Begin to watch."""

    def stop(self) -> None:
        """Stop watching."""

    def save(self, path: Path) -> int:
        """Write what was seen and return of how many entries it consists, 0 if of none."""


class VizTracer:
    """viztracer with its support for asyncio: every call of every function."""

    def __init__(self) -> None:
        import viztracer

        self._tracer: Any = viztracer.VizTracer(
            log_async=True, verbose=0, tracer_entries=VIZTRACER_ENTRIES
        )
        self.start: Callable[[], None] = self._tracer.start
        self.stop: Callable[[], None] = self._tracer.stop

    def save(self, path: Path) -> int:
        """Write its JSON."""
        entries: int = self._tracer.parse()
        self._tracer.save(str(path))
        return entries


class Yappi:
    """yappi: the time in each function, as the processor counts it."""

    def __init__(self) -> None:
        """Watch Python functions with the processor's time, as its documentation says."""
        import yappi

        self._yappi: Any = yappi
        yappi.set_clock_type("cpu")

    def start(self) -> None:
        """Begin to watch."""
        self._yappi.start()

    def stop(self) -> None:
        """Stop watching."""
        self._yappi.stop()

    def save(self, path: Path) -> int:
        """Write its sums by function."""
        self._yappi.get_func_stats().save(str(path))
        return 0


class Pyinstrument:
    """pyinstrument: where the program is, each millisecond, task by task."""

    def __init__(self) -> None:
        import pyinstrument

        self._profiler = pyinstrument.Profiler(async_mode="enabled")

    def start(self) -> None:
        """Begin to watch."""
        self._profiler.start()

    def stop(self) -> None:
        """Stop watching."""
        self._session = self._profiler.stop()

    def save(self, path: Path) -> int:
        """Write its samples."""
        self._session.save(path)
        return 0


TOOLS: dict[str, Callable[[], Tool]] = {
    "viztracer": VizTracer,
    "yappi": Yappi,
    "pyinstrument": Pyinstrument,
}
BARE, OURS = "bare asyncio", "Loopscope"


def watched(tool: str, job: CoroutineJob, jobs: int) -> Watched:
    """Return what a tool costs on a gather of some jobs, after a short one without any tool."""
    asyncio.run(gather(job, WARM_UP_JOBS))
    gc.collect()
    if tool == BARE:
        return Watched(cpu_ns=asyncio.run(_cpu_ns(job, jobs, None)))
    if tool == OURS:
        return _by_us(job, jobs)
    return _by_other(TOOLS[tool](), job, jobs)


async def _cpu_ns(job: CoroutineJob, jobs: int, tool: Tool | None) -> int:
    if tool:
        tool.start()
    start_ns = time.process_time_ns()
    await gather(job, jobs)
    cpu_ns = time.process_time_ns() - start_ns
    if tool:
        tool.stop()
    return cpu_ns


def _by_other(tool: Tool, job: CoroutineJob, jobs: int) -> Watched:
    cpu_ns = asyncio.run(_cpu_ns(job, jobs, tool))
    return _saved(cpu_ns, tool.save)


def _by_us(job: CoroutineJob, jobs: int) -> Watched:
    run = recorded_run(job, jobs)

    def save(path: Path) -> int:
        path.write_bytes(dump([timeline_of(run, jobs)]))
        return run.event_count

    return _saved(run.cpu_ns, save)


def _saved(cpu_ns: int, save: Callable[[Path], int]) -> Watched:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        start_ns = time.process_time_ns()
        entries = save(path)
        save_ns = time.process_time_ns() - start_ns
        content = path.read_bytes()
    return Watched(
        cpu_ns=cpu_ns,
        save_ns=save_ns,
        entries=entries,
        file_bytes=len(content),
        compressed_bytes=len(gzip.compress(content)),
    )


EVERYBODY = (BARE, OURS, *TOOLS)
TRACER = "viztracer"
LEAST_ADDED = 0.01
"""A run that takes up to so much longer than a bare one may have been a bare one."""
NOT_ABOVE_NOISE = "not above noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalCost:
    """One row: a tool on a program; medians of the rounds."""

    program: str
    jobs: int
    tool: str
    ratio: float
    """CPU time by that of bare asyncio."""
    times_ours: float | None
    """The CPU time that the tool adds, by that which Loopscope adds; None if that is not above the
    noise."""
    entries: int
    save_s: float
    file_bytes: int
    compressed_bytes: int
    times_our_file: float
    times_our_compressed: float


def rival_costs(
    programs: Sequence[Program], which: int, *, jobs: int, work_rounds: int, rounds: int
) -> list[RivalCost]:
    """Return what every tool costs on one of the programs."""
    found: dict[str, list[Watched]] = {tool: [] for tool in EVERYBODY}
    for _ in range(rounds):
        for tool in EVERYBODY:
            found[tool].append(_in_fresh_process(tool, which, jobs, work_rounds))
    middle = {tool: _medians(each) for tool, each in found.items()}
    bare, ours = middle[BARE], middle[OURS]
    return [
        RivalCost(
            program=programs[which].name,
            jobs=jobs,
            tool=tool,
            ratio=middle[tool].cpu_ns / bare.cpu_ns,
            times_ours=_times_ours(found, tool),
            entries=middle[tool].entries,
            save_s=middle[tool].save_ns / 1e9,
            file_bytes=middle[tool].file_bytes,
            compressed_bytes=middle[tool].compressed_bytes,
            times_our_file=middle[tool].file_bytes / ours.file_bytes,
            times_our_compressed=middle[tool].compressed_bytes / ours.compressed_bytes,
        )
        for tool in (OURS, *TOOLS)
    ]


def _times_ours(found: Mapping[str, Sequence[Watched]], tool: str) -> float | None:
    """Return what a tool adds by what Loopscope adds; None if that is not above the noise.

    The noise is how far the bare runs lie apart, and `LEAST_ADDED` of them at least, since one
    round does not show any.
    """
    times_ns = {each: [watched.cpu_ns for watched in found[each]] for each in (BARE, OURS, tool)}
    bare_ns = median(times_ns[BARE])
    added_ns = {each: median(of_tool) - bare_ns for each, of_tool in times_ns.items()}
    noise_ns = max(max(times_ns[BARE]) - min(times_ns[BARE]), bare_ns * LEAST_ADDED)
    return added_ns[tool] / added_ns[OURS] if added_ns[OURS] > noise_ns else None


def _in_fresh_process(tool: str, which: int, jobs: int, work_rounds: int) -> Watched:
    arguments = [tool, str(which), str(jobs), str(work_rounds)]
    command = [sys.executable, "-m", "benchmarks.rivals", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return Watched(**json.loads(done.stdout))


def _medians(found: Sequence[Watched]) -> Watched:
    rows = [asdict(each) for each in found]
    return Watched(**{name: round(median(row[name] for row in rows)) for name in rows[0]})


RIVAL_HEADINGS = (
    "each job",
    "tool",
    "CPU ratio",
    "added, times ours",
    "entries",
    "bytes an entry",
    "s to save",
    "file, MB",
    "times ours",
    ".gz, MB",
    "times ours",
)


def _cells(cost: RivalCost) -> tuple[str, ...]:
    return (
        cost.program,
        cost.tool,
        f"{cost.ratio:.2f}",
        NOT_ABOVE_NOISE if cost.times_ours is None else f"{cost.times_ours:.1f}",
        f"{cost.entries:,}" if cost.entries else "",
        f"{cost.file_bytes / cost.entries:.0f}" if cost.entries else "",
        f"{cost.save_s:.3f}",
        f"{cost.file_bytes / 1e6:.2f}",
        f"{cost.times_our_file:.2f}",
        f"{cost.compressed_bytes / 1e6:.3f}",
        f"{cost.times_our_compressed:.2f}",
    )


def rival_lines(costs: Sequence[RivalCost]) -> list[str]:
    """Return the lines of a table of all tools."""
    return table(RIVAL_HEADINGS, [_cells(cost) for cost in costs])


def main() -> None:
    """Watch what the arguments name and print what it took."""
    tool, program, jobs, rounds = sys.argv[1:]
    job = programs(int(rounds))[int(program)].job
    print(json.dumps(asdict(watched(tool, job, int(jobs)))))


if __name__ == "__main__":
    main()
