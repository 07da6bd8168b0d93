"""The tables of the recorder's benchmark, both plain text and Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.forms import Form, form_lines
from benchmarks.loops import LoopCost
from benchmarks.pieces import Piece, piece_lines
from benchmarks.report import table
from benchmarks.rivals import TRACER, RivalCost, rival_lines
from benchmarks.workers import MARKS_PER_POOL_JOB, PoolCost


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
