"""Runs of 100,000 and of 1,000,000 coroutines that sleep: recorded, drawn, saved and read back.

Run as `python -m benchmarks.scale`; `--markdown docs/measuring.md` puts the table into that page.
Each size is measured in a process of its own, with limits that let it through. It is saved as
`python -m core run --json` does, plain and compressed, into a temporary folder. What reads it back
is another process, so that nothing of the run is in its memory.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from benchmarks.report import machine, marked, put_between_markers, python, table
from core.charts import chart
from core.charts.panel import Panel
from core.errors import LoopscopeError
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.measuring.resources import forget_peak, peak_bytes
from core.runfile import SUFFIX, load_from, write
from core.runfile.reader import MAX_FILE_MIB
from core.services import Services
from core.spec.limits import PREFIX
from core.spec.run_spec import RunSpec
from core.text.language import size_text
from core.timeline.timeline import Outcome, Timeline

SIZES = (100_000, 1_000_000)
SLEEP_S = 1.0
EVENTS_A_JOB = 8
PHASES = ("record", "assemble", "draw", "save", "save compressed")
READINGS = ("read back", "read back compressed")
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

    `complete` is whether every job ended well with all of its events; the child's memory is what
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
    packed_bytes: int
    same_read_back: bool | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, put it into a page, or print figures for the process above."""
    options = _options(arguments)
    if options.size is not None:
        print(json.dumps(asdict(measured(options.size))))
    elif options.read is not None:
        print(json.dumps(asdict(reading(options.read))))
    else:
        _print_table([_in_own_process(size) for size in options.sizes], options.markdown)


def _print_table(figures: Sequence[Figures], page: str | None) -> None:
    text = report(figures)
    if page is None:
        print(text)
    elif page == STDOUT:
        print(marked(MARKERS, text))
    else:
        put_between_markers(Path(page), MARKERS, text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="JOBS")
    parser.add_argument("--markdown", nargs="?", const=STDOUT, metavar="PAGE")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _in_own_process(jobs: int) -> Figures:
    limits = {"TASKS": jobs, "EVENTS": EVENTS_A_JOB * jobs}
    environment = os.environ | {PREFIX + name: str(value) for name, value in limits.items()}
    found = _output_of("--size", str(jobs), environment)
    phases = {name: Phase(**phase) for name, phase in found.pop("phases").items()}
    return Figures(**found, phases=phases)


def _output_of(option: str, value: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what this benchmark prints in another process."""
    command = [sys.executable, "-m", "benchmarks.scale", option, value]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    output: dict[str, Any] = json.loads(done.stdout)
    return output


def phase_of(do: Callable[[], T]) -> tuple[T, Phase]:
    """Return what something returns, with its time and this process's peak meanwhile."""
    forget_peak()
    began_s = time.perf_counter()
    value = do()
    return value, Phase(seconds=time.perf_counter() - began_s, peak_bytes=peak_bytes())


def measured(jobs: int) -> Figures:
    """Return the figures of one size; the limits must allow it."""
    phases: dict[str, Phase] = {}

    def phase(name: str, do: Callable[[], T]) -> T:
        value, phases[name] = phase_of(do)
        return value

    spec = RunSpec(pattern="gather", tasks=jobs, sleep_s=SLEEP_S)
    comparison = phase("record", lambda: _run(spec))
    timeline = phase("assemble", lambda: _timeline(comparison))
    panel = Panel(program=spec, title="gather", timeline=timeline)
    drawn = phase("draw", lambda: chart.draw([panel]).figure())
    with tempfile.TemporaryDirectory() as folder:
        plain, compressed = Path(folder) / "run.json", Path(folder) / "run.json.gz"
        phase("save", lambda: _save(timeline, plain))
        phase("save compressed", lambda: _save(timeline, compressed))
        file_bytes, packed_bytes = plain.stat().st_size, compressed.stat().st_size
        same = None
        if file_bytes <= MAX_FILE_MIB << 20:
            readings = [_read_in_own_process(path) for path in (plain, compressed)]
            phases |= dict(zip(READINGS, [each.phase for each in readings], strict=True))
            same = {each.digest for each in readings} == {_digest(timeline)}
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
        file_bytes=file_bytes,
        packed_bytes=packed_bytes,
        same_read_back=same,
    )


def _save(timeline: Timeline, path: Path) -> None:
    with path.open("wb") as file:
        write([timeline], file, several=False, pack=path.suffix == SUFFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What it took to read a file, and what the run in it would be written as again."""

    phase: Phase
    digest: str


def _read_in_own_process(path: Path) -> Reading:
    output = _output_of("--read", str(path), os.environ)
    return Reading(phase=Phase(**output["phase"]), digest=output["digest"])


def reading(path: Path) -> Reading:
    """Return what it takes to read a file in this process."""
    (timeline,), phase = phase_of(lambda: _loaded(path))
    return Reading(phase=phase, digest=_digest(timeline))


def _loaded(path: Path) -> list[Timeline]:
    with path.open("rb") as file:
        return load_from(file)


def _digest(timeline: Timeline) -> str:
    """Return the digest of a run's file, which is never whole in memory for that."""
    with tempfile.TemporaryFile() as file:
        write([timeline], cast("BinaryIO", file), several=False)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    return ok == len(timeline.jobs) and timeline.dropped_events == 0


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
                    "compressed",
                    "same when read back",
                ),
                [_row(each) for each in figures],
            ),
            *_left_out(figures),
            "",
            "Seconds, and the peak memory of the process that does it, which is not the child:",
            "",
            *table(
                ("", *(f"{each.jobs:,}" for each in figures)),
                [
                    (name, *(_phase_text(each.phases.get(name)) for each in figures))
                    for name in (*PHASES, *READINGS)
                ],
            ),
        ]
    )


def _left_out(figures: Sequence[Figures]) -> list[str]:
    """Return what of each size lies beyond a cap: lines that jobs print, and their results."""
    output = [
        f"Of {each.jobs:,}, {each.lines_left_out:,} printed lines and {each.results_left_out:,} "
        "results are left out, which the timeline says."
        for each in figures
        if each.lines_left_out or each.results_left_out
    ]
    return ["", *output] if output else []


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
        size_text(each.packed_bytes),
        {True: "yes", False: "no", None: "too large"}[each.same_read_back],
    )


def _phase_text(phase: Phase | None) -> str:
    if phase is None:
        return "—"
    return f"{phase.seconds:.1f} s, {size_text(phase.peak_bytes)}"


if __name__ == "__main__":
    main()
