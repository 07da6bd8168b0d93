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
import time
import timeit
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.programs import (
    MARKS_PER_POOL_JOB,
    Form,
    LoopCost,
    PoolCost,
    form_lines,
    forms,
    loop_cost,
    pool_cost,
    programs,
    recorded_run,
    rounds_of_work,
)
from benchmarks.report import machine, marked, put_between_markers, python, table
from benchmarks.rivals import TRACER, RivalCost, rival_costs, rival_lines
from core.recording.cost import cost_per_event_ns
from core.recording.events import NOBODY, Kind, pack_row
from core.recording.handles import YIELDED, RecordedHandle, cancelling, done
from core.recording.loop import new_handle
from core.recording.tracking import Step

CALLS = 50_000
REPEATS = 5
STEP = int(Kind.STEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part of recording a step, and how long it takes at best."""

    name: str
    ns: float
    also_bare: bool
    """Whether asyncio does it, too, in its own way."""


async def pieces() -> list[Piece]:
    """Return how long each part takes when a loop calls it again and again."""
    task: Any = asyncio.current_task()
    callback = task.__repr__
    states = {id(task): 1}
    rows = array("q")
    write, clock = rows.frombytes, time.perf_counter_ns
    now = clock()
    step = Step(clock, write)

    def look_up() -> object:
        return states.get(id(getattr(callback, "__self__", None)))

    def note() -> None:
        step.job = step.cause = NOBODY
        step.kind, step.ready_ns, step.waker, step.start_ns = STEP, now, NOBODY, now
        step.start_ns, step.cause = -1, NOBODY

    def record() -> None:
        write(pack_row(STEP, 857, now, now, now, YIELDED, NOBODY))

    def look_after() -> object:
        return task._fut_waiter is None and done(task)  # noqa: SLF001

    timed: Sequence[tuple[str, Callable[[], object], bool]] = (
        ("nothing: the call of a function", lambda: None, False),
        ("the clock, three times", lambda: (clock(), clock(), clock()), False),
        ("the task and the job of a callback", look_up, False),
        ("whether the task is told of a cancellation", lambda: cancelling(task), False),
        ("what runs now", note, False),
        ("what became of the task", look_after, False),
        ("the row: seven integers packed and kept", record, False),
        ("a handle", lambda: new_handle(RecordedHandle), True),
    )
    return [
        Piece(name=name, ns=_best_ns(call), also_bare=also_bare) for name, call, also_bare in timed
    ]


def _best_ns(call: Callable[[], object]) -> float:
    tries_s = timeit.repeat(call, timer=time.process_time, number=CALLS, repeat=REPEATS)
    return min(tries_s) / CALLS * 1e9


def piece_lines(found: Sequence[Piece]) -> list[str]:
    """Return the lines of a table; of each part the bare call of a function is taken off."""
    nothing, *rest = found
    cells = [
        (each.name, f"{each.ns - nothing.ns:.0f}", "yes" if each.also_bare else "") for each in rest
    ]
    return table(("of a step", "ns", "also without recording"), cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a run of the benchmark found, and on what."""

    machine: str
    python: str
    estimate_us_per_event: float
    """What a measuring child would state on this machine."""
    loop: tuple[LoopCost, ...]
    pieces: tuple[Piece, ...]
    pool: tuple[PoolCost, ...]
    rivals: tuple[RivalCost, ...]
    forms: tuple[Form, ...]
    """Of the first program that the rivals watch."""


LOOP_HEADINGS = (
    "each job",
    "jobs",
    "CPU ratio",
    "min to max",
    "us added an event",
    "events a job",
    "bytes kept an event",
    "bytes shipped an event",
)
POOL_HEADINGS = ("jobs", "threads", "bare, us a job", "recorded, us a job", "us a mark")


def _loop_cells(cost: LoopCost) -> tuple[str, ...]:
    return (
        cost.program,
        f"{cost.jobs:,}",
        f"{cost.ratio:.2f}",
        f"{cost.least_ratio:.2f} to {cost.greatest_ratio:.2f}",
        f"{cost.added_us_per_event:.2f}",
        f"{cost.events_per_job:.1f}",
        f"{cost.bytes_kept_per_event:.1f}",
        f"{cost.bytes_shipped_per_event:.1f}",
    )


def _pool_cells(cost: PoolCost) -> tuple[str, ...]:
    return (
        f"{cost.jobs:,}",
        str(cost.threads),
        f"{cost.bare_us_per_job:.1f}",
        f"{cost.recorded_us_per_job:.1f}",
        f"{cost.us_per_mark:.2f}",
    )


def tables(report: Report) -> str:
    """Return a report as tables that are both plain text and Markdown."""
    return "\n".join(
        [
            f"{report.python}; {report.machine}.",
            "",
            *table(LOOP_HEADINGS, [_loop_cells(cost) for cost in report.loop]),
            "",
            "What each part of recording a step takes, alone and in a loop:",
            "",
            *piece_lines(report.pieces),
            "",
            "Other tools on the same work, each run in a fresh process:",
            "",
            *rival_lines(report.rivals),
            "",
            f"One run of {report.rivals[0].program} in several forms:",
            "",
            *form_lines(report.forms, _traced_bytes(report.rivals)),
            "",
            f"Empty jobs in a pool of threads; {MARKS_PER_POOL_JOB} marks a job:",
            "",
            *table(POOL_HEADINGS, [_pool_cells(cost) for cost in report.pool]),
            "",
            f"A measuring child states {report.estimate_us_per_event:.2f} us an event here.",
        ]
    )


def _traced_bytes(rivals: Sequence[RivalCost]) -> int:
    return next(cost.file_bytes for cost in rivals if cost.tool == TRACER)


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
