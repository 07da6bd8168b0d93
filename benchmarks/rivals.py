"""What other tools cost on the same work: each run in a fresh process, all of them in turn."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.programs import Program
from benchmarks.report import table
from benchmarks.rival import BARE, OURS, TOOLS, Watched

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
    command = [sys.executable, "-m", "benchmarks.rival", *arguments]
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
