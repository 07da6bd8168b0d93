"""What reading a large recording costs: rows of a million spans become a timeline.

`python -m benchmarks.reading` prints a table. Each size is read in fresh processes, so that the
memory at its peak is that of the reading alone. For comparison, numpy alone sorts the same rows by
job: that ratio can be trusted on a busy machine where seconds cannot.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

from benchmarks.report import machine, marked, put_between_markers, python, table
from core.analysis import findings
from core.analysis.findings_text import findings_text
from core.analysis.metrics import in_flight, time_per_state_ns
from core.analysis.summary import explain
from core.measuring.resources import peak_bytes
from core.recording.events import COLUMNS, DETAIL_BITS, NOBODY, WIDTH, Kind, Then
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Integers, Timeline

Result = TypeVar("Result")

TABLE = "reading table"
STANDARD_OUTPUT = "-"
SIZES = ((10_000, 4), (100_000, 4), (10_000, 34))
"""Numbers of jobs, and of the steps of each; a step gives about three spans."""
ROUNDS = 3
STEP_NS, STEP_EVERY_NS, LATE_NS = 700, 1_000, 300
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What it took to read rows of one size; seconds are those of the processor."""

    jobs: int
    rows: int
    spans: int
    sort_s: float
    timeline_s: float
    peak_mb: float
    numbers_s: float
    """For the sentences and numbers about the run, all together."""


def recorded(jobs: int, steps: int) -> bytes:
    """Return the rows of jobs that each wait for a timer between their steps."""
    created = np.zeros((jobs, WIDTH), dtype=np.int64)
    stepped = np.zeros((jobs * steps, WIDTH), dtype=np.int64)
    start_ns = jobs + LATE_NS + np.arange(jobs * steps) * STEP_EVERY_NS
    then = np.full(jobs * steps, 1 << DETAIL_BITS | Then.TIMER)
    then[-jobs:] = Then.OK
    _fill(created, kind=Kind.CREATED, job=np.arange(jobs), start_ns=np.arange(jobs), waker=NOBODY)
    _fill(
        stepped,
        kind=Kind.STEP,
        job=np.tile(np.arange(jobs), steps),
        ready_ns=start_ns - LATE_NS,
        start_ns=start_ns,
        end_ns=start_ns + STEP_NS,
        detail=then,
        waker=NOBODY,
    )
    return created.tobytes() + stepped.tobytes()


def _fill(rows: Integers, **columns: Integers | int) -> None:
    for name, values in columns.items():
        rows[:, COLUMNS.index(name)] = values


def read_once(jobs: int, steps: int) -> Reading:
    """Read rows of one size in this process, and return what it took."""
    recording = Recording(
        events=recorded(jobs, steps),
        started_ns=0,
        returned_ns=jobs * (1 + steps * STEP_EVERY_NS) + LATE_NS,
        sites=("job.py:1",),
        job_results=dict.fromkeys(range(jobs), "done"),
    )
    spec = RunSpec(pattern="gather", tasks=jobs, sleep_s=0.001)
    before_mb = _peak_mb()
    timeline_s, timeline = _timed(partial(assemble, spec, recording))
    peak_mb = _peak_mb() - before_mb
    rows = np.frombuffer(recording.events, dtype=np.int64).reshape(-1, WIDTH)
    sort_s, _ = _timed(partial(_sorted_by_job, rows))
    numbers_s, _ = _timed(partial(_all_numbers, timeline))
    return Reading(
        jobs=jobs,
        rows=len(rows),
        spans=len(timeline.spans),
        sort_s=sort_s,
        timeline_s=timeline_s,
        peak_mb=peak_mb,
        numbers_s=numbers_s,
    )


def _sorted_by_job(rows: Integers) -> Integers:
    return rows[np.argsort(rows[:, COLUMNS.index("job")], kind="stable")]


def _all_numbers(timeline: Timeline) -> None:
    explain([timeline])
    findings_text(timeline)
    in_flight(timeline)
    time_per_state_ns(timeline)
    findings.cancellations(timeline)


def _timed(call: Callable[[], Result]) -> tuple[float, Result]:
    start_ns = time.process_time_ns()
    result = call()
    return (time.process_time_ns() - start_ns) / 1e9, result


def _peak_mb() -> float:
    """Return the most memory that this process has had."""
    return peak_bytes() / BYTES_PER_MB


def read_afresh(jobs: int, steps: int, rounds: int) -> Reading:
    """Read rows of one size in fresh processes, and return the medians."""
    command = [sys.executable, "-m", "benchmarks.reading", "--once", str(jobs), str(steps)]
    found = [
        Reading(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        for _ in range(rounds)
    ]
    columns = {name: median(asdict(each)[name] for each in found) for name in asdict(found[0])}
    return Reading(**columns)


HEADINGS = (
    "jobs",
    "rows",
    "spans",
    "sort alone, s",
    "timeline, s",
    "times the sort",
    "memory at the peak, MB",
    "numbers and sentences, s",
)


def tables(readings: Sequence[Reading]) -> str:
    """Return the readings as a table that is both plain text and Markdown."""
    rows = [
        (
            f"{each.jobs:,}",
            f"{each.rows:,}",
            f"{each.spans:,}",
            f"{each.sort_s:.2f}",
            f"{each.timeline_s:.2f}",
            f"{each.timeline_s / each.sort_s:.1f}",
            f"{each.peak_mb:,.0f}",
            f"{each.numbers_s:.2f}",
        )
        for each in readings
    ]
    return "\n".join([f"{python()}; {machine()}.", "", *table(HEADINGS, rows)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or put the table into a page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--markdown", metavar="PATH", nargs="?", const=STANDARD_OUTPUT)
    parser.add_argument("--once", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.once:
        print(json.dumps(asdict(read_once(*options.once))))
        return
    text = tables([read_afresh(jobs, steps, ROUNDS) for jobs, steps in SIZES])
    if options.markdown in (None, STANDARD_OUTPUT):
        print(marked(TABLE, text) if options.markdown else text)
    else:
        put_between_markers(Path(options.markdown), TABLE, text)


if __name__ == "__main__":
    main()
