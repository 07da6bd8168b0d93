"""The programs that the recorder is measured on, what it costs them, and how large a run is.

The size is that of the run file, and of other forms of the same.
"""

import asyncio
import gc
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from statistics import median
from typing import BinaryIO, cast

import numpy as np

from benchmarks.report import table
from core.jobs import BlockingJob, CoroutineJob
from core.measuring.parent_link import ParentLink
from core.measuring.program import Returned, carry_out
from core.measuring.wire import Commands, Frames, Tag
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.patterns.gather import gather
from core.recording.events import BYTES_PER_EVENT
from core.recording.marks import MarkedBlockingJob
from core.recording.pools import RecordedThreadPool
from core.recording.recorder import Recorder
from core.runfile import dump
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Spans, Timeline

STEPS_PER_JOB = 10
CHAIN_DEPTH = 10
WORK_NS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A name for the table, and what each job does."""

    name: str
    job: CoroutineJob


def programs(rounds: int | None = None) -> tuple[Program, ...]:
    """Return the programs; the one that computes does so for so many rounds, or for `WORK_NS`."""
    rounds = rounds_of_work() if rounds is None else rounds

    async def yields(index: int) -> int:
        for _ in range(STEPS_PER_JOB):
            await asyncio.sleep(0)
        return index

    async def sleeps(index: int) -> int:
        await asyncio.sleep(0.01)
        return index

    async def computes(index: int) -> int:
        for _ in range(STEPS_PER_JOB):
            _work(rounds)
            await asyncio.sleep(0)
        return index

    return (
        Program(name=f"`sleep(0)` x {STEPS_PER_JOB}", job=yields),
        Program(name="`sleep(0.01)`", job=sleeps),
        Program(
            name=f"{CHAIN_DEPTH} awaits deep, `sleep(0)` x {STEPS_PER_JOB}",
            job=_chain(CHAIN_DEPTH, sleep_s=0),
        ),
        Program(
            name=f"{CHAIN_DEPTH} awaits deep, `sleep(0.001)` x {STEPS_PER_JOB}",
            job=_chain(CHAIN_DEPTH, sleep_s=0.001),
        ),
        Program(name=f"50 us of work, `sleep(0)`, x {STEPS_PER_JOB}", job=computes),
    )


def _chain(depth: int, *, sleep_s: float) -> CoroutineJob:
    async def descend(level: int) -> None:
        if level > 1:
            await descend(level - 1)
        else:
            for _ in range(STEPS_PER_JOB):
                await asyncio.sleep(sleep_s)

    async def job(index: int) -> int:
        await descend(depth)
        return index

    return job


def _work(rounds: int) -> int:
    total = 0
    for number in range(rounds):
        total += number * number
    return total


def rounds_of_work() -> int:
    """Return for how many rounds `_work` computes for `WORK_NS`; the best of several tries."""
    rounds, times_ns = 1_000, []
    for _ in range(20):
        start_ns = time.process_time_ns()
        _work(rounds)
        times_ns.append(time.process_time_ns() - start_ns)
    return max(1, rounds * WORK_NS // max(1, min(times_ns)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one recorded run cost and left behind; `shipped` is all that the parent would get."""

    cpu_ns: int
    returned: Returned
    shipped: bytes

    @property
    def events(self) -> bytes:
        """The rows, as they were recorded."""
        return b"".join(body for tag, body in Frames().feed(self.shipped) if tag is Tag.EVENTS)

    @property
    def event_count(self) -> int:
        """How many rows there are."""
        return len(self.events) // BYTES_PER_EVENT

    @property
    def sites(self) -> list[str]:
        """The places that the rows name, in the order of their numbers."""
        texts = [json.loads(body) for tag, body in Frames().feed(self.shipped) if tag is Tag.TEXTS]
        return [site for each in texts for site in each["sites"]]


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


def loop_cost(program: Program, jobs: int, pairs: int) -> LoopCost:
    """Return what recording adds to a program; the first pair only warms up."""
    bare: list[int] = []
    recorded: list[Sample] = []
    for _ in range(1 + pairs):
        bare.append(bare_cpu_ns(program.job, jobs))
        recorded.append(recorded_run(program.job, jobs))
    bare, recorded = bare[1:], recorded[1:]
    ratios = [with_.cpu_ns / without for without, with_ in zip(bare, recorded, strict=True)]
    added_ns = [
        (with_.cpu_ns - without) / with_.event_count
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
        events_per_job=last.event_count / jobs,
        bytes_kept_per_event=_bytes_kept_per_event(program.job, jobs),
        bytes_shipped_per_event=len(last.shipped) / last.event_count,
    )


def timed_gather(cpu_ns: list[int]) -> Pattern:
    """Return the gather pattern, which notes its CPU time: loops are made and closed outside."""

    async def timed_gather(job: CoroutineJob, count: int) -> None:
        start_ns = time.process_time_ns()
        await gather(job, count)
        cpu_ns.append(time.process_time_ns() - start_ns)

    return replace(PATTERNS["gather"], function=timed_gather)


def bare_cpu_ns(job: CoroutineJob, jobs: int) -> int:
    """Carry out a gather on asyncio's own loop and return its CPU time."""
    cpu_ns: list[int] = []
    gc.collect()
    asyncio.run(timed_gather(cpu_ns).function(job, jobs))
    return cpu_ns[0]


def recorded_run(job: CoroutineJob, jobs: int) -> Sample:
    """Carry out a gather as the measuring child does, with a file where the pipe would be."""
    cpu_ns: list[int] = []
    commands, ours = os.pipe()
    with os.fdopen(commands), os.fdopen(ours, "w"), tempfile.TemporaryFile(buffering=0) as shipped:
        recorder = Recorder()
        link = ParentLink(Commands(commands), cast("BinaryIO", shipped), recorder)
        link.start()
        gc.collect()
        returned = carry_out(timed_gather(cpu_ns), job, jobs, recorder=recorder)
        start_ns = time.process_time_ns()
        link.finish()
        cpu_ns.append(time.process_time_ns() - start_ns)
        link.join()
        shipped.seek(0)
        return Sample(cpu_ns=sum(cpu_ns), returned=returned, shipped=shipped.readall())


def _bytes_kept_per_event(job: CoroutineJob, jobs: int) -> float:
    """Return the memory that a row takes while it has not been shipped."""
    recorder = Recorder()
    carry_out(PATTERNS["gather"], job, jobs, recorder=recorder)
    rows = recorder._rows  # noqa: SLF001 - nobody but this benchmark wants to know its size
    return sys.getsizeof(rows) / (len(rows) * rows.itemsize // BYTES_PER_EVENT)


MARKS_PER_POOL_JOB = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCost:
    """One row: empty jobs in a pool of threads."""

    jobs: int
    threads: int
    bare_us_per_job: float
    recorded_us_per_job: float
    us_per_mark: float


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A way to write a run down, and what that took."""

    name: str
    written_bytes: int
    write_s: float


def timeline_of(run: Sample, jobs: int) -> Timeline:
    """Return the timeline of a recorded gather."""
    recording = Recording(
        events=run.events,
        started_ns=run.returned.started_ns,
        returned_ns=run.returned.returned_ns,
        sites=run.sites,
        job_results={number: str(number) for number in range(jobs)},
    )
    return assemble(RunSpec(pattern="gather", tasks=jobs, sleep_s=0.001), recording)


def forms(run: Sample, jobs: int) -> list[Form]:
    """Return the forms of a run, the run file first."""
    timeline = timeline_of(run, jobs)
    ways: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("the run file: JSON", lambda: dump([timeline])),
        ("the run file, compressed", lambda: gzip.compress(dump([timeline]))),
        ("only spans, JSON in columns", lambda: _columns(timeline.spans)),
        ("only spans, JSON in columns of differences", lambda: _differences(timeline.spans)),
        ("the same, compressed", lambda: gzip.compress(_differences(timeline.spans))),
        ("the rows as they were recorded", lambda: run.events),
        ("the rows, compressed", lambda: gzip.compress(run.events)),
    )
    return [_form(name, write) for name, write in ways]


def _form(name: str, write: Callable[[], bytes]) -> Form:
    start_ns = time.process_time_ns()
    written = write()
    return Form(
        name=name,
        written_bytes=len(written),
        write_s=(time.process_time_ns() - start_ns) / 1e9,
    )


def _columns(spans: Spans) -> bytes:
    columns = {field.name: getattr(spans, field.name).tolist() for field in fields(spans)}
    return json.dumps(columns, separators=(",", ":")).encode()


def _differences(spans: Spans) -> bytes:
    columns = {
        field.name: np.diff(getattr(spans, field.name), prepend=0).tolist()
        for field in fields(spans)
    }
    return json.dumps(columns, separators=(",", ":")).encode()


def form_lines(found: Sequence[Form], tracer_bytes: int) -> list[str]:
    """Return the lines of a table that compares the forms with the file of a tracer."""
    cells = [
        (
            form.name,
            f"{form.written_bytes / 1e6:.2f}",
            f"{form.write_s:.3f}",
            f"{tracer_bytes / form.written_bytes:.0f}",
        )
        for form in found
    ]
    return table(("form", "MB", "s to write", "times smaller than viztracer's file"), cells)
