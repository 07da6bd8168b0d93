"""What recording costs: CPU time with and without it, taken in one interleaved run.

`python -m benchmarks.recorder` prints a table; `--quick` takes seconds instead of minutes.
Each row is a program carried out bare, recorded, bare, recorded, ... in this process. What else
the machine does meanwhile meets both sides, so the ratio of a pair can be trusted where its
times cannot. The recorded side pays for all that a measuring child does: the rows, the marks of
the jobs and the shipping.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.programs import Program, programs
from benchmarks.report import machine, marked, put_between_markers, table
from core.jobs import BlockingJob, CoroutineJob
from core.patterns import PATTERNS, Pattern
from core.patterns.gather import gather
from core.recording.cost import cost_per_event_ns
from core.recording.events import BYTES_PER_EVENT
from core.recording.marks import MarkedBlockingJob
from core.recording.pools import RecordedThreadPool
from core.recording.recorder import Recorder
from core.running.child import ParentLink
from core.running.program import carry_out

MOST_PAIRS = 61
MARKS_PER_POOL_JOB = 3
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

    def pairs(self, jobs: int) -> int:
        """Return how many pairs of runs a row of so many jobs is taken from."""
        return max(self.least_pairs, min(MOST_PAIRS, self.jobs_per_row // jobs))


FULL = Size(jobs=(100, 1_000, 10_000), jobs_per_row=25_000, least_pairs=7)
QUICK = Size(jobs=(100, 1_000), jobs_per_row=5_000, least_pairs=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one recorded sample cost and left behind."""

    cpu_ns: int
    events: int
    bytes_shipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopCost:
    """One row: a program of coroutine jobs on the event loop."""

    program: str
    jobs: int
    ratio: float
    least_ratio: float
    greatest_ratio: float
    added_us_per_event: float
    events_per_job: float
    bytes_kept_per_event: float
    bytes_shipped_per_event: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCost:
    """One row: empty jobs in a pool of threads."""

    jobs: int
    threads: int
    bare_us_per_job: float
    recorded_us_per_job: float
    us_per_mark: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a run of the benchmark found, and on what."""

    machine: str
    python: str
    estimate_us_per_event: float
    """What a measuring child would state on this machine."""
    loop: tuple[LoopCost, ...]
    pool: tuple[PoolCost, ...]


def loop_cost(program: Program, jobs: int, pairs: int) -> LoopCost:
    """Return what recording adds to a program; the first pair only warms up."""
    bare: list[int] = []
    recorded: list[Sample] = []
    for _ in range(1 + pairs):
        bare.append(_bare_cpu_ns(program.job, jobs))
        recorded.append(_recorded(program.job, jobs))
    bare, recorded = bare[1:], recorded[1:]
    ratios = [with_.cpu_ns / without for without, with_ in zip(bare, recorded, strict=True)]
    added_ns = [
        (with_.cpu_ns - without) / with_.events
        for without, with_ in zip(bare, recorded, strict=True)
    ]
    last = recorded[-1]
    return LoopCost(
        program=program.name,
        jobs=jobs,
        ratio=median(ratios),
        least_ratio=min(ratios),
        greatest_ratio=max(ratios),
        added_us_per_event=median(added_ns) / 1_000,
        events_per_job=last.events / jobs,
        bytes_kept_per_event=_bytes_kept_per_event(program.job, jobs),
        bytes_shipped_per_event=last.bytes_shipped / last.events,
    )


def _timed_gather(cpu_ns: list[int]) -> Pattern:
    """Return the gather pattern, which notes its CPU time: loops are made and closed outside."""

    async def timed_gather(job: CoroutineJob, count: int) -> None:
        start_ns = time.process_time_ns()
        await gather(job, count)
        cpu_ns.append(time.process_time_ns() - start_ns)

    return replace(PATTERNS["gather"], function=timed_gather)


def _bare_cpu_ns(job: CoroutineJob, jobs: int) -> int:
    cpu_ns: list[int] = []
    gc.collect()
    asyncio.run(_timed_gather(cpu_ns).function(job, jobs))
    return cpu_ns[0]


def _recorded(job: CoroutineJob, jobs: int) -> Sample:
    """Carry out a run as the measuring child does, with a file where the pipe would be."""
    cpu_ns: list[int] = []
    reader, writer = os.pipe()
    try:
        with tempfile.TemporaryFile(buffering=0) as shipped:
            recorder = Recorder()
            link = ParentLink(reader, shipped, recorder)
            link.start()
            gc.collect()
            carry_out(_timed_gather(cpu_ns), job, jobs, recorder=recorder)
            start_ns = time.process_time_ns()
            link.finish()
            cpu_ns.append(time.process_time_ns() - start_ns)
            link.join()
            return Sample(
                cpu_ns=sum(cpu_ns),
                events=link.events_shipped // BYTES_PER_EVENT,
                bytes_shipped=shipped.tell(),
            )
    finally:
        os.close(reader)
        os.close(writer)


def _bytes_kept_per_event(job: CoroutineJob, jobs: int) -> float:
    """Return the memory that a row takes while it has not been shipped."""
    recorder = Recorder()
    carry_out(PATTERNS["gather"], job, jobs, recorder=recorder)
    rows = recorder._rows  # noqa: SLF001 - nobody but this benchmark wants to know its size
    return sys.getsizeof(rows) / (len(rows) * rows.itemsize // BYTES_PER_EVENT)


def pool_cost(jobs: int, threads: int, pairs: int) -> PoolCost:
    """Return what recording adds to jobs in a pool of threads that do nothing at all."""
    bare, recorded = [], []
    for _ in range(1 + pairs):
        bare.append(_bare_pool_cpu_ns(jobs, threads))
        recorded.append(_recorded_pool_cpu_ns(jobs, threads))
    us_per_job = [
        (without / jobs / 1_000, with_ / jobs / 1_000)
        for without, with_ in zip(bare[1:], recorded[1:], strict=True)
    ]
    return PoolCost(
        jobs=jobs,
        threads=threads,
        bare_us_per_job=median(without for without, _ in us_per_job),
        recorded_us_per_job=median(with_ for _, with_ in us_per_job),
        us_per_mark=median(with_ - without for without, with_ in us_per_job) / MARKS_PER_POOL_JOB,
    )


def _empty_job(index: int) -> int:
    return index


def _bare_pool_cpu_ns(jobs: int, threads: int) -> int:
    return _pool_cpu_ns(ThreadPoolExecutor(threads), _empty_job, jobs)


def _recorded_pool_cpu_ns(jobs: int, threads: int) -> int:
    recorder = Recorder()
    pool = RecordedThreadPool(recorder, max_workers=threads)
    return _pool_cpu_ns(pool, MarkedBlockingJob(_empty_job, recorder), jobs)


def _pool_cpu_ns(pool: Executor, job: BlockingJob, jobs: int) -> int:
    gc.collect()
    with pool:
        start_ns = time.process_time_ns()
        for future in [pool.submit(job, index) for index in range(jobs)]:
            future.result()
        return time.process_time_ns() - start_ns


def measure(size: Size, *, progress: Callable[[str], object] = lambda line: None) -> Report:  # noqa: ARG005
    """Return the costs of all programs with all numbers of jobs."""
    loop = []
    for program in programs():
        for jobs in size.jobs:
            progress(f"{program.name}, {jobs} jobs")
            loop.append(loop_cost(program, jobs, size.pairs(jobs)))
    progress("threads")
    return Report(
        machine=machine(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        estimate_us_per_event=cost_per_event_ns() / 1_000,
        loop=tuple(loop),
        pool=tuple(pool_cost(jobs, threads=2, pairs=size.pairs(jobs)) for jobs in size.jobs),
    )


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
            f"Empty jobs in a pool of threads; {MARKS_PER_POOL_JOB} marks a job:",
            "",
            *table(POOL_HEADINGS, [_pool_cells(cost) for cost in report.pool]),
            "",
            f"A measuring child states {report.estimate_us_per_event:.2f} us an event here.",
        ]
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
