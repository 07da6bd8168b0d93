"""What recording costs: CPU time with and without it, taken in one interleaved run.

`python -m benchmarks.recorder` prints tables; `--quick` takes seconds instead of minutes.
Each row is a program carried out bare, recorded, bare, recorded, ... in this process. What else
the machine does meanwhile meets both sides, so the ratio of a pair can be trusted where its
times cannot. The recorded side pays for all that a measuring child does: the rows, the marks of
the jobs and the shipping. Other tools watch the same work, each run in a fresh process.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.forms import forms
from benchmarks.loops import loop_cost, recorded_run
from benchmarks.pieces import pieces
from benchmarks.programs import programs, rounds_of_work
from benchmarks.recorder_tables import Report, tables
from benchmarks.report import machine, marked, put_between_markers, python
from benchmarks.rivals import rival_costs
from benchmarks.workers import pool_cost
from core.recording.cost import cost_per_event_ns

MOST_PAIRS = 61
TABLE = "recorder table"
STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many jobs the rows have, and how many jobs in all are carried out for each, both ways.

    Short runs make many pairs, so that one disturbed run does not decide a row.
    """

    jobs: tuple[int, ...]
    jobs_per_row: int
    least_pairs: int
    rival_jobs: int
    rival_rounds: int
    rival_programs: tuple[int, ...] = (0, 1, 4)
    """Places in `programs()`: `sleep(0)`, a timer, and 50 us of work."""

    def pairs(self, jobs: int) -> int:
        """Return how many pairs of runs a row of so many jobs is taken from."""
        return max(self.least_pairs, min(MOST_PAIRS, self.jobs_per_row // jobs))


FULL = Size(
    jobs=(100, 1_000, 10_000),
    jobs_per_row=25_000,
    least_pairs=7,
    rival_jobs=1_000,
    rival_rounds=5,
)
QUICK = Size(jobs=(100, 1_000), jobs_per_row=5_000, least_pairs=5, rival_jobs=1_000, rival_rounds=1)


def measure(size: Size, *, progress: Callable[[str], object] = lambda line: None) -> Report:  # noqa: ARG005
    """Return the costs of all programs with all numbers of jobs, and those of other tools."""
    loop, rivals = [], []
    work_rounds = rounds_of_work()
    to_run = programs(work_rounds)
    for program in to_run:
        for jobs in size.jobs:
            progress(f"{program.name}, {jobs} jobs")
            loop.append(loop_cost(program, jobs, size.pairs(jobs)))
    for which in size.rival_programs:
        progress(f"{to_run[which].name}, other tools")
        rivals += rival_costs(
            to_run,
            which,
            jobs=size.rival_jobs,
            work_rounds=work_rounds,
            rounds=size.rival_rounds,
        )
    watched = recorded_run(to_run[size.rival_programs[0]].job, size.rival_jobs)
    progress("threads")
    return Report(
        machine=machine(),
        python=python(),
        estimate_us_per_event=cost_per_event_ns() / 1_000,
        loop=tuple(loop),
        pieces=tuple(asyncio.run(pieces())),
        pool=tuple(pool_cost(jobs, threads=2, pairs=size.pairs(jobs)) for jobs in size.jobs),
        rivals=tuple(rivals),
        forms=tuple(forms(watched, size.rival_jobs)),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or put into files, what is asked for."""
    options = _options(arguments)
    report = measure(QUICK if options.quick else FULL, progress=_tell)
    if options.json:
        _write_json(report, options.json)
    if options.markdown == STANDARD_OUTPUT:
        print(marked(TABLE, tables(report)))
    elif options.markdown:
        put_between_markers(Path(options.markdown), TABLE, tables(report))
    if not options.json and not options.markdown:
        print(tables(report))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recorder", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer jobs and fewer pairs")
    parser.add_argument("--json", metavar="PATH", help="write the figures as JSON; - prints them")
    parser.add_argument(
        "--markdown",
        metavar="PATH",
        nargs="?",
        const=STANDARD_OUTPUT,
        help="print the tables as Markdown, or put them between the markers of a page",
    )
    return parser.parse_args(arguments)


def _write_json(report: Report, path: str) -> None:
    body = json.dumps(asdict(report), indent=2)
    if path == STANDARD_OUTPUT:
        print(body)
    else:
        Path(path).write_text(body + "\n", encoding="utf-8")


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
