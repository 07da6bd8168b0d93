"""The sentences of a sweep: what it costs to carry jobs, and where the crossover is."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LoopscopeError
from core.spec.admission import check_limits
from core.spec.ideal import NS_PER_S, ideal
from core.spec.limits import LIMITS, default_pool_size
from core.sweep.points import End, Point, Series
from core.text.language import _, duration_text, ngettext, size_text

AS_FAST_SHARE = 0.10
"""A run that takes up to this share longer than another counts as fast as it: runs of the same
settings differ by as much on a machine that does other things, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """How the default pool compares with coroutines on this machine.

    Attributes:
        as_fast_up_to: The largest number of jobs with which it was as fast; 0 for none. With
            fewer a run may have been slower: something disturbed it, since it has less to do.
        coroutines: The coroutines' run with the most jobs of which the pool has one, too.
        pool: The pool's run of that many.
    """

    as_fast_up_to: int
    coroutines: Point
    pool: Point

    @property
    def waves(self) -> int:
        """How many times the pool must be filled for that many jobs."""
        return -(-self.pool.jobs // default_pool_size())

    @property
    def crosses(self) -> bool:
        """Whether coroutines were faster in the end."""
        return self.as_fast_up_to < self.pool.jobs


def crossover(points: Sequence[Point]) -> Crossover | None:
    """Return where coroutines become faster than the default pool; None without runs of both.

    Runs that the machine disturbed do not count.
    """
    coroutines = _by_jobs(points, Series.COROUTINES)
    pool = _by_jobs(points, Series.POOL)
    both = sorted(set(coroutines) & set(pool))
    if not both:
        return None
    as_fast = [
        jobs
        for jobs in both
        if pool[jobs].wall_ns <= coroutines[jobs].wall_ns * (1 + AS_FAST_SHARE)
    ]
    return Crossover(
        as_fast_up_to=max(as_fast, default=0),
        coroutines=coroutines[both[-1]],
        pool=pool[both[-1]],
    )


def _by_jobs(points: Sequence[Point], series: Series) -> dict[int, Point]:
    return {point.jobs: point for point in points if point.series is series and point.is_comparable}


FIRST_GUESS_S = 0.6
"""For a child to start, before any has; afterwards the mean of those that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """A point, and how long it took to get it, with the start of its process."""

    point: Point
    seconds: float

    @property
    def around_s(self) -> float:
        """How long everything around the run took."""
        return self.seconds - self.point.wall_ns / NS_PER_S


def remaining_s(
    to_come: Sequence[tuple[Series, int]], done: Sequence[Took], sleep_s: float
) -> float:
    """Return about how long the runs to come will take.

    Each takes its ideal time, what a job of its series cost in its largest run so far, times its
    jobs, and as long around the run as the others needed.
    """
    around_s = sum(each.around_s for each in done) / len(done) if done else FIRST_GUESS_S
    cost_s = {
        each.point.series: max(0, each.point.wall_ns - each.point.ideal_ns)
        / NS_PER_S
        / each.point.jobs
        for each in done
    }
    return sum(
        around_s + best_s + cost_s.get(series, 0.0) * jobs
        for series, jobs in to_come
        if (best_s := ideal_s(series, jobs, sleep_s)) is not None
    )


def ideal_s(series: Series, jobs: int, sleep_s: float) -> float | None:
    """Return how long a run would ideally take; None for one that will be refused."""
    try:
        spec = series.spec(jobs, sleep_s)
        check_limits(spec, LIMITS)
    except LoopscopeError:
        return None
    return ideal(spec).wall_ns / NS_PER_S


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
