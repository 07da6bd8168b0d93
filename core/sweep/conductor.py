"""The conductor of a sweep: measures run after run in a thread of its own, until it is stopped.

One run at a time, since runs of thousands of jobs would disturb one another. A series ends at its
first error, or at the limit that its next run would exceed. The numbers of jobs rise together in
all series, so that what a stop leaves can be compared.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import (
    BadValue,
    LoopscopeError,
    ProcessStuck,
    TimeLimitReached,
    TooLong,
)
from core.measuring.comparison import Comparison
from core.measuring.measurement import run_failed
from core.measuring.turns import Wait
from core.spec.admission import check_limits
from core.spec.ideal import NS_PER_S
from core.spec.limits import LIMITS
from core.spec.run_spec import RunSpec
from core.sweep import Point, Series, Sweep, ideal_s, point_of
from core.text.language import _
from core.workloads.failures import refusal

Compare = Callable[[Sequence[RunSpec]], Comparison]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where a series ended before the largest number of jobs, and the error that it met."""

    series: Series
    jobs: int
    error: LoopscopeError

    @property
    def is_expected(self) -> bool:
        """Whether a limit of this server ended it, as limits are meant to: nothing went wrong."""
        is_limit = isinstance(self.error, BadValue | TooLong | TimeLimitReached)
        return is_limit and not isinstance(self.error, ProcessStuck)


def end_text(end: End) -> str:
    """Return where a series ended early, and why; one that met a limit is no mistake of anybody."""
    match end.error:
        case BadValue():
            return _(
                "{series}: at most {most:,} may be measured here, so it ends before {jobs:,} jobs."
            ).format(series=end.series.text, most=end.series.most, jobs=end.jobs)
        case TooLong(predicted_s=predicted_s, limit_s=limit_s):
            return _(
                "{series}: {jobs:,} jobs would take {predicted:,.0f} s at best, longer than the "
                "{limit:,.0f} s that a run may take here, so it ends before them."
            ).format(series=end.series.text, jobs=end.jobs, predicted=predicted_s, limit=limit_s)
        case TimeLimitReached(limit_s=limit_s) if end.is_expected:
            return _(
                "{series}: {jobs:,} jobs took longer than {limit:,.0f} s, the time limit of their "
                "run, so it ends before them."
            ).format(series=end.series.text, jobs=end.jobs, limit=limit_s)
    return _("{series}, {jobs:,} jobs: {error}").format(
        series=end.series.text, jobs=end.jobs, error=end.error
    )


class Conductor:
    """A sweep under way, or ended: what is measured stays, whatever comes.

    Attributes:
        sweep: What is measured.
        ended: Set once nothing of the sweep is alive any more.
    """

    def __init__(self, sweep: Sweep, compare: Compare) -> None:
        """Start measuring; `compare` begins to measure some runs, here one at a time.

        The thread speaks the language of the caller.
        """
        self.sweep = sweep
        self.ended = threading.Event()
        self._compare = compare
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._under_way: Comparison | None = None
        self._to_come = list(sweep.runs)
        self._done: list[Took] = []
        self._ends: list[End] = []
        self._began_s = time.monotonic()
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=context.run, args=(self._conduct,), name="sweep", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:  # no more threads
            self._give_up(run_failed(refusal(error)))

    def _give_up(self, error: LoopscopeError) -> None:
        """End all series for a reason before the first run."""
        first = self.sweep.counts[0]
        self._ends = [End(series=each, jobs=first, error=error) for each in self.sweep.series]
        self._to_come = []
        self.ended.set()

    @property
    def points(self) -> tuple[Point, ...]:
        """What has been measured so far."""
        return tuple(each.point for each in self._done.copy())

    @property
    def ends(self) -> tuple[End, ...]:
        """The series that have ended early so far, and why."""
        return tuple(self._ends.copy())

    @property
    def measuring(self) -> tuple[Series, int] | None:
        """The series and the number of jobs that are measured now; None after the end."""
        to_come = self._to_come.copy()
        return to_come[0] if to_come and not self.ended.is_set() else None

    @property
    def stopped(self) -> bool:
        """Whether it was stopped; the run under way may still be ending."""
        return self._stopped.is_set()

    @property
    def starting(self) -> tuple[str, ...]:
        """The services that are being started for the run that is measured now."""
        under_way = self._under_way
        return () if under_way is None else under_way.starting

    @property
    def waiting(self) -> Wait | None:
        """How long the run that comes now has to wait for its turn; None if it does not."""
        under_way = self._under_way
        return None if under_way is None else under_way.waiting

    @property
    def remaining_s(self) -> float:
        """About how long the rest will take; 0 after the end."""
        if self.ended.is_set():
            return 0.0
        spent_s = time.monotonic() - self._began_s
        rest_s = remaining_s(self._to_come.copy(), self._done.copy(), self.sweep.sleep_s)
        return max(0.0, rest_s - spent_s)

    @property
    def share_done(self) -> float:
        """Which share of the whole time has passed, from 0 to 1."""
        done_s = sum(each.seconds for each in self._done.copy())
        rest_s = self.remaining_s
        return done_s / (done_s + rest_s) if done_s + rest_s else 1.0

    def stop(self) -> None:
        """End what is measured now and measure no more; what was measured stays."""
        self._stopped.set()
        with self._lock:
            under_way = self._under_way
        if under_way is not None:
            under_way.stop()

    def _conduct(self) -> None:
        try:
            while self._to_come and not self._stopped.is_set():
                series, jobs = self._to_come[0]
                self._began_s = time.monotonic()
                self._take_up(series, jobs)
                self._to_come = [
                    each
                    for each in self._to_come[1:]
                    if each[0] not in {end.series for end in self._ends}
                ]
        finally:
            self.ended.set()

    def _take_up(self, series: Series, jobs: int) -> None:
        try:
            spec = series.spec(jobs, self.sweep.sleep_s)
            check_limits(spec, LIMITS)
            point = self._measured(series, spec)
        except LoopscopeError as error:
            self._ends.append(End(series=series, jobs=jobs, error=error))
            return
        if point is not None:
            self._done.append(Took(point=point, seconds=time.monotonic() - self._began_s))

    def _measured(self, series: Series, spec: RunSpec) -> Point | None:
        """Return the point of a run; None if the sweep was stopped meanwhile."""
        with self._lock:
            if self._stopped.is_set():
                return None
            self._under_way = comparison = self._compare([spec])
        comparison.wait()
        (measurement,) = comparison.measurements
        if self._stopped.is_set():
            return None
        if measurement.error is not None:
            raise measurement.error
        timeline = measurement.timeline()
        if timeline is None:
            return None
        if timeline.error is not None:
            raise run_failed(timeline.error)
        return point_of(series, timeline)


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
