"""Points of a sweep, made by hand."""

from typing import Any

from core.sweep import Point, Series

MS = 1_000_000


def point(series: Series, jobs: int, wall_ms: float, **values: int) -> Point:
    """Return a point; times but for the wall time are those of a run without anything special."""
    known: dict[str, Any] = {
        "carriers": series.carriers(jobs),
        "alive": jobs,
        "ideal_ns": 100 * MS,
        "late_50_ns": 1 * MS,
        "late_90_ns": 2 * MS,
        "late_99_ns": 3 * MS,
        "cpu_ns": 4 * MS,
        "memory_bytes": 3_000 * jobs,
        "startup_ns": 5 * MS,
    }
    return Point(series=series, jobs=jobs, wall_ns=round(wall_ms * MS), **(known | values))
