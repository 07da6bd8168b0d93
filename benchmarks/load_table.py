"""The table of the load benchmark: what audiences saw, a column each."""

import statistics
from collections.abc import Sequence

from benchmarks.audience import Seen

MEGABYTE = 1_000_000
SHOWN_FAULTS = 3


def headings() -> list[str]:
    """Return what stands above the columns."""
    return ["", "as configured", "postScriptGC = true"]


def rows(seen: Sequence[Seen]) -> list[list[str]]:
    """Return the rows, a number of each audience in each."""
    columns = [_column(each) for each in seen]
    return [[name, *(column[name] for column in columns)] for name in columns[0]]


def _column(seen: Seen) -> dict[str, str]:
    reruns_ms = [each * 1_000 for each in seen.reruns_s]
    return {
        "sessions": str(seen.sessions),
        "reruns a second": f"{len(seen.reruns_s) / seen.active_s:.1f}",
        "runs a second": f"{seen.runs / seen.active_s:.1f}",
        "a rerun, asked to finished, p50": f"{percentile(reruns_ms, 50):.1f} ms",
        "the same, p99": f"{percentile(reruns_ms, 99):.1f} ms",
        "wait for a run's turn, p50": f"{percentile(seen.waits_ms, 50):.1f} ms",
        "the same, p99  ": f"{percentile(seen.waits_ms, 99):.1f} ms",
        "lateness of a sleep, p50": f"{percentile(seen.late_ms, 50):.2f} ms",
        "the same, p99 ": f"{percentile(seen.late_ms, 99):.2f} ms",
        "answers": f"{len(seen.reruns_s):,}",
        "of them wrong": str(len(seen.faults)),
        "memory of the server": f"{seen.server_bytes / MEGABYTE:.0f} MB",
        "memory of its children": f"{seen.children_bytes / MEGABYTE:.0f} MB",
        "children at most": str(seen.children),
    }


def crowd_told(seen: Seen) -> str:
    """Return what a crowd saw: how many they were, how many answers came, and which were wrong."""
    answers, wrong = len(seen.reruns_s), len(seen.faults)
    return f"{seen.sessions} sessions at once: {answers:,} answers, of them wrong: {wrong}."


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent of the others do not exceed; NaN for no values."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def comparison(seen: Sequence[Seen]) -> list[str]:
    """Return what the columns say of one another, and what was wrong, if anything was."""
    ours, theirs = (percentile(each.reruns_s, 50) for each in seen)
    lines = [f"A rerun takes {theirs / ours:.1f} times as long with the collection, at p50."]
    return [*lines, *wrong([fault for each in seen for fault in each.faults])]


def wrong(faults: Sequence[str]) -> list[str]:
    """Return lines that name the first faults."""
    return [f"- wrong: {fault}" for fault in faults[:SHOWN_FAULTS]]
