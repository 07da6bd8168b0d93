"""One tool on one program in this process: what it costs, and what it leaves behind.

`python -m benchmarks.rival TOOL PROGRAM JOBS ROUNDS` prints one line of JSON. Each tool watches the
same gather of the same jobs; saving is what it does after that to have a file.
"""

import asyncio
import gc
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.forms import timeline_of
from benchmarks.programs import programs, recorded_run
from core.jobs import CoroutineJob
from core.patterns.gather import gather
from core.runfile import dump

WARM_UP_JOBS = 20
VIZTRACER_ENTRIES = 3_000_000
"""So many that none of its entries is overwritten by a later one."""


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


def main() -> None:
    """Watch what the arguments name and print what it took."""
    tool, program, jobs, rounds = sys.argv[1:]
    job = programs(int(rounds))[int(program)].job
    print(json.dumps(asdict(watched(tool, job, int(jobs)))))


if __name__ == "__main__":
    main()
