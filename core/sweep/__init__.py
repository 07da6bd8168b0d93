"""The points of a sweep: the numbers of each run of a series, and the sentences about all."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.analysis.metrics import (
    begun_ns,
    peak_alive,
    process_cpu_ns,
    tells_of_its_pattern,
    wake_lateness_ns,
)
from core.errors import LoopscopeError
from core.spec.admission import check_limits
from core.spec.ideal import NS_PER_S, schedule
from core.spec.limits import LIMITS, default_pool_size
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_MS, _, duration_text, ngettext, size_text
from core.timeline.timeline import Timeline

STEPS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


class Series(StrEnum):
    """What carries the jobs of a run."""

    COROUTINES = "coroutines"
    POOL = "pool"
    THREADS = "threads"
    PROCESSES = "processes"

    @property
    def text(self) -> str:
        """What the series is called, in this context's language."""
        return {
            Series.COROUTINES: _("coroutines"),
            Series.POOL: _("default pool of threads"),
            Series.THREADS: _("a thread per job"),
            Series.PROCESSES: _("a process per job"),
        }[self]

    def spec(self, jobs: int, sleep_s: float) -> RunSpec:
        """Return the run of a number of jobs that sleep."""
        match self:
            case Series.COROUTINES:
                return RunSpec(pattern="gather", tasks=jobs, sleep_s=sleep_s)
            case Series.THREADS:
                return RunSpec(pattern="threads", tasks=jobs, sleep_s=sleep_s)
            case Series.POOL:
                return RunSpec(pattern="run_in_executor", tasks=jobs, sleep_s=sleep_s)
        return RunSpec(
            pattern="run_in_executor",
            tasks=jobs,
            sleep_s=sleep_s,
            executor="processes",
            workers=jobs,
        )

    @property
    def most(self) -> int:
        """The largest number of jobs with which it may be measured on this server."""
        of_series = {
            Series.THREADS: LIMITS.threads_without_pool,
            Series.PROCESSES: LIMITS.processes,
        }
        return min(LIMITS.tasks, of_series.get(self, LIMITS.tasks))

    def carriers(self, jobs: int) -> int:
        """Return how many tasks, threads or processes carry a number of jobs."""
        return min(jobs, default_pool_size()) if self is Series.POOL else jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What to measure: some series, each with more and more jobs, up to the largest number.

    Attributes:
        series: What carries the jobs.
        sleep_s: How long each job sleeps.
        largest: The largest number of jobs.
    """

    series: tuple[Series, ...]
    sleep_s: float
    largest: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of jobs, rising; with a pool the one that fills it and one more, too."""
        pool = default_pool_size()
        extra = {pool, pool + 1} if Series.POOL in self.series else set()
        return tuple(sorted(each for each in {*STEPS, *extra} if each <= self.largest))

    @property
    def runs(self) -> tuple[tuple[Series, int], ...]:
        """All runs in their order: each number of jobs with every series, then the next."""
        return tuple((series, count) for count in self.counts for series in self.series)


def ideal_s(series: Series, jobs: int, sleep_s: float) -> float | None:
    """Return how long a run would ideally take; None for one that will be refused."""
    try:
        spec = series.spec(jobs, sleep_s)
        check_limits(spec, LIMITS)
    except LoopscopeError:
        return None
    return schedule(spec).wall_ns / NS_PER_S


LARGEST = (5, *(step for step in STEPS if 10 <= step <= LIMITS.tasks))
"""The largest numbers of jobs that can be chosen."""


PERCENTILES = (50, 90, 99)
NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run of a series; times are in nanoseconds.

    Attributes:
        series: What carried the jobs.
        jobs: How many jobs there were.
        carriers: How many tasks, threads or processes carried them.
        alive: How many of the jobs were there at once at most, begun or not.
        wall_ns: How long the run took.
        ideal_ns: How long it would have taken if nothing but the jobs' sleep took time.
        late_50_ns: How much later than its sleep was over a job went on, at the median.
        late_90_ns: The same for the job that was later than 90 % of all.
        late_99_ns: The same for 99 %.
        cpu_ns: What it used of the processors, worker processes included.
        memory_bytes: What the run took of memory at its peak, on top of what there was before it.
        startup_ns: How long it took until the last of the carriers had begun its first job.
        is_comparable: Whether the machine left it undisturbed, so that its time is its series' own.
    """

    series: Series
    jobs: int
    carriers: int
    alive: int
    wall_ns: int
    ideal_ns: int
    late_50_ns: int
    late_90_ns: int
    late_99_ns: int
    cpu_ns: int
    memory_bytes: int
    startup_ns: int
    is_comparable: bool = True

    @property
    def tells_memory(self) -> bool:
        """Whether its memory is that of all jobs: nearly all of them were there at once.

        Where the first threads have ended before the last one starts, the memory is that of fewer.
        """
        return self.memory_bytes > 0 and self.alive >= NEARLY_ALL * self.jobs

    @property
    def memory_per_job_bytes(self) -> float:
        """What each job took of memory, with the task, thread or process that carried it."""
        return self.memory_bytes / self.jobs


def point_of(series: Series, timeline: Timeline) -> Point:
    """Return the point of a finished run."""
    spec = timeline.spec
    if spec is None:
        raise ValueError(timeline.program)
    late_ns = wake_lateness_ns(timeline)
    late = np.percentile(late_ns, PERCENTILES) if len(late_ns) else np.zeros(len(PERCENTILES))
    carriers = series.carriers(spec.tasks)
    begun = begun_ns(timeline)
    return Point(
        series=series,
        jobs=spec.tasks,
        carriers=carriers,
        alive=peak_alive(timeline),
        wall_ns=timeline.wall_ns,
        ideal_ns=schedule(spec).wall_ns,
        late_50_ns=round(late[0]),
        late_90_ns=round(late[1]),
        late_99_ns=round(late[2]),
        cpu_ns=process_cpu_ns(timeline),
        memory_bytes=max(0, timeline.memory_peak_bytes - timeline.memory_before_bytes),
        startup_ns=timeline.startup_ns + int(begun[:carriers].max(initial=0)),
        is_comparable=tells_of_its_pattern(timeline),
    )


def point_columns(points: Sequence[Point]) -> dict[str, list[object]]:
    """Return a table's columns by their names: one row a run, series by series."""
    in_order = [
        point
        for series in Series
        for point in sorted(points, key=lambda point: point.jobs)
        if point.series is series
    ]
    return {
        _("series"): [point.series.text for point in in_order],
        _("jobs"): [point.jobs for point in in_order],
        _("peak alive"): [point.alive for point in in_order],
        _("wall time (ms)"): [point.wall_ns / NS_PER_MS for point in in_order],
        _("ideal (ms)"): [point.ideal_ns / NS_PER_MS for point in in_order],
        _("late, 50% (ms)"): [point.late_50_ns / NS_PER_MS for point in in_order],
        _("late, 90% (ms)"): [point.late_90_ns / NS_PER_MS for point in in_order],
        _("late, 99% (ms)"): [point.late_99_ns / NS_PER_MS for point in in_order],
        _("CPU (ms)"): [point.cpu_ns / NS_PER_MS for point in in_order],
        _("memory (bytes)"): [point.memory_bytes for point in in_order],
        _("memory for each job (bytes)"): [round(point.memory_per_job_bytes) for point in in_order],
        _("start-up (ms)"): [point.startup_ns / NS_PER_MS for point in in_order],
        _("undisturbed"): [point.is_comparable for point in in_order],
    }


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
