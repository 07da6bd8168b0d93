"""Runs of 100,000 and of 1,000,000 coroutines that sleep: recorded, drawn, saved and read back.

Run as `python -m benchmarks.scale`; `--markdown docs/measuring.md` puts the table into that page.
Each size is measured in a process of its own, with limits that let it through.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.report import machine, marked, put_between_markers, python, table
from core.charts import chart
from core.charts.panel import Panel
from core.errors import LoopscopeError
from core.limits import PREFIX
from core.runfile.reading import MAX_FILE_MIB, load
from core.runfile.writing import dump
from core.running.comparison import Comparison
from core.running.memory import forget_peak, peak_bytes
from core.running.spares import Spares
from core.services import Services
from core.spec import RunSpec
from core.timeline import Outcome, Timeline
from core.units import size_text

SIZES = (100_000, 1_000_000)
SLEEP_S = 1.0
EVENTS_A_JOB = 8
PHASES = ("record", "assemble", "draw", "save", "read back")
MARKERS = "scale table"
STDOUT = "-"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One thing that was done with a run: how long it took, and this process's peak meanwhile."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is measured of one size.

    `complete` tells that every job ended well with all of its events; the child's memory is what
    it had before the run and at its peak. A file that is larger than any that is read is not read
    back; `same_read_back` is None then.
    """

    jobs: int
    complete: bool
    spans: int
    wall_s: float
    child_before_bytes: int
    child_peak_bytes: int
    lines_left_out: int
    results_left_out: int
    phases: dict[str, Phase]
    figure_bytes: int
    file_bytes: int
    same_read_back: bool | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, put it into a page, or print one size's figures for the process above."""
    options = _options(arguments)
    if options.size is not None:
        print(json.dumps(asdict(measured(options.size))))
        return
    text = report([_in_own_process(size) for size in options.sizes])
    if options.markdown is None:
        print(text)
    elif options.markdown == STDOUT:
        print(marked(MARKERS, text))
    else:
        put_between_markers(Path(options.markdown), MARKERS, text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="JOBS")
    parser.add_argument("--markdown", nargs="?", const=STDOUT, metavar="PAGE")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _in_own_process(jobs: int) -> Figures:
    command = [sys.executable, "-m", "benchmarks.scale", "--size", str(jobs)]
    limits = {"TASKS": jobs, "EVENTS": EVENTS_A_JOB * jobs}
    done = subprocess.run(
        command,
        env=os.environ | {PREFIX + name: str(value) for name, value in limits.items()},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)
    phases = {name: Phase(**phase) for name, phase in found.pop("phases").items()}
    return Figures(**found, phases=phases)


def measured(jobs: int) -> Figures:
    """Return the figures of one size; the limits must allow it."""
    phases: dict[str, Phase] = {}

    def phase(name: str, do: Callable[[], T]) -> T:
        forget_peak()
        began_s = time.perf_counter()
        value = do()
        phases[name] = Phase(seconds=time.perf_counter() - began_s, peak_bytes=peak_bytes())
        return value

    spec = RunSpec(pattern="gather", tasks=jobs, sleep_s=SLEEP_S)
    comparison = phase("record", lambda: _run(spec))
    timeline = phase("assemble", lambda: _timeline(comparison))
    drawn = phase(
        "draw", lambda: chart.draw([Panel(spec=spec, title="gather", timeline=timeline)]).figure()
    )
    file = phase("save", lambda: dump([timeline]))
    same = None
    if len(file) <= MAX_FILE_MIB << 20:
        (again,) = phase("read back", lambda: load(file))
        same = dump([again]) == file
    return Figures(
        jobs=jobs,
        complete=_is_complete(timeline),
        spans=len(timeline.spans),
        wall_s=timeline.wall_ns / 1e9,
        child_before_bytes=timeline.memory_before_bytes,
        child_peak_bytes=timeline.memory_peak_bytes,
        lines_left_out=timeline.dropped_lines,
        results_left_out=timeline.dropped_results,
        phases=phases,
        figure_bytes=len(drawn.to_json()),
        file_bytes=len(file),
        same_read_back=same,
    )


def _run(spec: RunSpec) -> Comparison:
    spares, services = Spares(0), Services()
    comparison = Comparison([spec], spares, services)
    comparison.wait()
    spares.close()
    services.close()
    return comparison


def _timeline(comparison: Comparison) -> Timeline:
    (measurement,) = comparison.measurements
    timeline = measurement.timeline()
    if measurement.error is not None or timeline is None:
        raise measurement.error or LoopscopeError("the run did not start")
    return timeline


def _is_complete(timeline: Timeline) -> bool:
    ok = timeline.jobs.outcome.count(Outcome.OK)
    return ok == timeline.spec.tasks and timeline.dropped_events == 0


def report(figures: Sequence[Figures]) -> str:
    """Return the tables of some sizes, with the machine that they were taken on."""
    return "\n".join(
        [
            f"{python()}; {machine()}.",
            "",
            *table(
                (
                    "coroutines that sleep 1 s",
                    "complete",
                    "spans",
                    "wall s",
                    "child's peak",
                    "a job",
                    "figure",
                    "run file",
                    "same when read back",
                ),
                [_row(each) for each in figures],
            ),
            *_left_out(figures),
            "",
            "Seconds, and the parent's memory at its peak:",
            "",
            *table(
                ("coroutines", *PHASES),
                [
                    (f"{each.jobs:,}", *(_phase_text(each.phases.get(name)) for name in PHASES))
                    for each in figures
                ],
            ),
        ]
    )


def _left_out(figures: Sequence[Figures]) -> list[str]:
    """Return what of each size lies beyond a cap: lines that jobs print, and their results."""
    told = [
        f"Of {each.jobs:,}, {each.lines_left_out:,} printed lines and {each.results_left_out:,} "
        "results are left out, which the timeline says."
        for each in figures
        if each.lines_left_out or each.results_left_out
    ]
    return ["", *told] if told else []


def _row(each: Figures) -> tuple[str, ...]:
    grown = each.child_peak_bytes - each.child_before_bytes
    return (
        f"{each.jobs:,}",
        "yes" if each.complete else "no",
        f"{each.spans:,}",
        f"{each.wall_s:.1f}",
        size_text(each.child_peak_bytes),
        size_text(grown / each.jobs),
        size_text(each.figure_bytes),
        size_text(each.file_bytes),
        {True: "yes", False: "no", None: "too large"}[each.same_read_back],
    )


def _phase_text(phase: Phase | None) -> str:
    if phase is None:
        return "—"
    return f"{phase.seconds:.1f} s, {size_text(phase.peak_bytes)}"


if __name__ == "__main__":
    main()
