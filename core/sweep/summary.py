"""The sentences of a sweep: what it costs to carry jobs, and where the crossover is."""

from collections.abc import Sequence

from core.sweep.crossover import AS_FAST_SHARE, Crossover, crossover
from core.sweep.points import End, Point
from core.sweep.series import Series
from core.text.language import _, ngettext
from core.text.numbers import NS_PER_S, duration_text, size_text

ENOUGH_JOBS = 30
"""With fewer, memory that Python had in store already hides what each takes."""


def summary(points: Sequence[Point], sleep_s: float) -> str:
    """Return what a sweep shows, in one to four sentences; empty for no points."""
    meeting = crossover(points)
    parts = [
        _most_coroutines(points, sleep_s),
        "" if meeting is None else _crossover_sentence(meeting),
        _memory_sentence(points),
        _disturbed_sentence(points),
    ]
    return " ".join(filter(None, parts))


def end_text(end: End) -> str:
    """Return where a series ended early, and why."""
    return _("{series}, {jobs:,} jobs: {error}").format(
        series=end.series.text, jobs=end.jobs, error=end.error
    )


def _most_coroutines(points: Sequence[Point], sleep_s: float) -> str:
    coroutines = [point for point in points if point.series is Series.COROUTINES]
    if not coroutines:
        return ""
    most = max(coroutines, key=lambda point: point.jobs)
    text = ngettext(
        "{jobs:,} coroutine that sleeps {sleep} took {wall}.",
        "{jobs:,} coroutines that sleep {sleep} took {wall} together.",
        most.jobs,
    )
    return text.format(
        jobs=most.jobs, sleep=duration_text(sleep_s * NS_PER_S), wall=duration_text(most.wall_ns)
    )


def _crossover_sentence(meeting: Crossover) -> str:
    if not meeting.crosses:
        text = ngettext(
            "With {jobs:,} job, the most measured of both, the default pool is as fast "
            "(within {share:.0%}).",
            "Up to {jobs:,} jobs, the most measured of both, the default pool is as fast "
            "(within {share:.0%}).",
            meeting.pool.jobs,
        )
        return text.format(jobs=meeting.pool.jobs, share=AS_FAST_SHARE)
    return f"{_as_fast(meeting)} {_waves(meeting)}"


def _as_fast(meeting: Crossover) -> str:
    if not meeting.as_fast_up_to:
        text = _("The default pool is slower from the first job on (by more than {share:.0%}).")
        return text.format(share=AS_FAST_SHARE)
    text = ngettext(
        "With {jobs:,} job the default pool is as fast (within {share:.0%}).",
        "Up to {jobs:,} jobs the default pool is as fast (within {share:.0%}).",
        meeting.as_fast_up_to,
    )
    return text.format(jobs=meeting.as_fast_up_to, share=AS_FAST_SHARE)


def _waves(meeting: Crossover) -> str:
    text = ngettext(
        "At {jobs:,} jobs it needs {waves:,} wave: {pool} instead of {coroutines}.",
        "At {jobs:,} jobs it needs {waves:,} waves: {pool} instead of {coroutines}.",
        meeting.waves,
    )
    return text.format(
        jobs=meeting.pool.jobs,
        waves=meeting.waves,
        pool=duration_text(meeting.pool.wall_ns),
        coroutines=duration_text(meeting.coroutines.wall_ns),
    )


def _disturbed_sentence(points: Sequence[Point]) -> str:
    count = sum(not point.is_comparable for point in points)
    if not count:
        return ""
    return ngettext(
        "{count:,} run was disturbed by other work of the machine and is not compared.",
        "{count:,} runs were disturbed by other work of the machine and are not compared.",
        count,
    ).format(count=count)


def _memory_sentence(points: Sequence[Point]) -> str:
    texts = {
        Series.COROUTINES: _("a task {size}"),
        Series.THREADS: _("a thread {size}"),
        Series.PROCESSES: _("a process {size}"),
    }
    sizes = {series: _memory_of_each(points, series) for series in texts}
    parts = [
        text.format(size=size_text(size))
        for series, text in texts.items()
        if (size := sizes[series]) is not None
    ]
    return _("Memory: {parts}.").format(parts=", ".join(parts)) if parts else ""


def _memory_of_each(points: Sequence[Point], series: Series) -> float | None:
    """Return what one more job takes, from the fewest jobs to the most; None if it is not known.

    What a run needs once, however many jobs it has, is in both and falls out.
    """
    known = [point for point in points if point.series is series and point.tells_memory]
    if not known:
        return None
    fewest, most = (end(known, key=lambda point: point.jobs) for end in (min, max))
    if most.jobs < ENOUGH_JOBS or most.memory_bytes <= fewest.memory_bytes:
        return None
    return (most.memory_bytes - fewest.memory_bytes) / (most.jobs - fewest.jobs)
