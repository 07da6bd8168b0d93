"""What recording adds to programs on the event loop: bare and recorded in turn, in one process."""

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from statistics import median

from benchmarks.programs import Program
from core.jobs import CoroutineJob
from core.measuring.parent_link import ParentLink
from core.measuring.program import Returned, carry_out
from core.measuring.wire import Frames, Tag
from core.patterns import PATTERNS, Pattern
from core.patterns.gather import gather
from core.recording.events import BYTES_PER_EVENT
from core.recording.recorder import Recorder


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
    reader, writer = os.pipe()
    try:
        with tempfile.TemporaryFile(buffering=0) as shipped:
            recorder = Recorder()
            link = ParentLink(reader, shipped, recorder)
            link.start()
            gc.collect()
            returned = carry_out(timed_gather(cpu_ns), job, jobs, recorder=recorder)
            start_ns = time.process_time_ns()
            link.finish()
            cpu_ns.append(time.process_time_ns() - start_ns)
            link.join()
            shipped.seek(0)
            return Sample(cpu_ns=sum(cpu_ns), returned=returned, shipped=shipped.readall())
    finally:
        os.close(reader)
        os.close(writer)


def _bytes_kept_per_event(job: CoroutineJob, jobs: int) -> float:
    """Return the memory that a row takes while it has not been shipped."""
    recorder = Recorder()
    carry_out(PATTERNS["gather"], job, jobs, recorder=recorder)
    rows = recorder._rows  # noqa: SLF001 - nobody but this benchmark wants to know its size
    return sys.getsizeof(rows) / (len(rows) * rows.itemsize // BYTES_PER_EVENT)
