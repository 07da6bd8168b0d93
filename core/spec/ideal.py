"""The best schedule possible: what the settings predict before anything runs.

A pattern says how many jobs it lets proceed at a time, or brings a function that plans them; see
`Pattern.schedule`. Of one that has no ideal the schedule is an upper bound, for limits only.
"""

import heapq
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass

from core.jobs import JobKind, Spread
from core.pattern import AtOnce, OnFailure
from core.patterns import PATTERNS
from core.spec.limits import cpu_count, default_pool_size, has_gil
from core.spec.run_spec import IN_PROCESSES, ExecutorKind, Program, RunSpec

NS_PER_S = 1_000_000_000
MOST_JOBS_CACHED = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When each job would begin and end if everything but the jobs themselves took no time.

    Both tuples have one entry a job, in nanoseconds since the run's start; a job that would never
    begin has no length. `wall_ns` is when the pattern would return: the end of the last job,
    unless it gives up on jobs that go on without it.
    """

    start_ns: tuple[int, ...]
    end_ns: tuple[int, ...]
    wall_ns: int


class _Cache:
    """The schedules last asked for, of at most `most_jobs` jobs: one takes some 100 bytes."""

    def __init__(self, most_jobs: int) -> None:
        self._most_jobs = most_jobs
        self._schedules: OrderedDict[RunSpec, Schedule] = OrderedDict()
        self._jobs = 0
        self._lock = threading.Lock()

    def of(self, spec: RunSpec) -> Schedule:
        """Return the schedule of a run, from the cache if it is there."""
        with self._lock:
            if spec in self._schedules:
                self._schedules.move_to_end(spec)
                return self._schedules[spec]
        # Without the lock, so that nobody waits; two threads may make the same schedule.
        made = _made(spec)
        with self._lock:
            self._add(spec, made)
        return made

    def _add(self, spec: RunSpec, made: Schedule) -> None:
        # A schedule larger than the whole cache would evict all others, and itself.
        if spec in self._schedules or len(made.start_ns) > self._most_jobs:
            return
        self._schedules[spec] = made
        self._jobs += len(made.start_ns)
        while self._jobs > self._most_jobs:
            _spec, oldest = self._schedules.popitem(last=False)
            self._jobs -= len(oldest.start_ns)


_cache = _Cache(MOST_JOBS_CACHED)


def ideal_of(program: Program) -> Schedule | None:
    """Return the best schedule of what ran; None where there is none.

    That is somebody's own program, or a pattern of which nobody can say what would be the best.
    """
    if not isinstance(program, RunSpec) or not PATTERNS[program.pattern].has_ideal:
        return None
    return schedule(program)


def schedule(spec: RunSpec) -> Schedule:
    """Return what the settings of a run foresee: the ideal one, or else what it takes at most.

    What a reader is shown as the ideal is `ideal_of`. Jobs begin in order, each as soon as one of
    the places that the pattern has is free.
    Source: list scheduling, R. L. Graham, "Bounds for certain multiprocessing anomalies" (1966).
    """
    return _cache.of(spec)


def _made(spec: RunSpec) -> Schedule:
    planning = Planning(spec)
    planning.fill()
    planning.cut_by_failure()
    return Schedule(
        start_ns=tuple(planning.starts), end_ns=tuple(planning.ends), wall_ns=planning.wall_ns
    )


class Planning:
    """The schedule of a run while it is worked out, in nanoseconds: one job after another.

    A pattern that brings a schedule of its own is given it, and calls `places` and `add`; one that
    returns at a certain moment at the soonest sets `wall_ns` to that.

    Attributes:
        count: How many jobs there are.
        limit: How many the run lets proceed at a time; all of them where it has no such limit.
        rate: How many may begin in a second; 0 where the run has no such limit.
        pool: How many workers its executor has, or the loop's default pool.
        timeout_ns: After how long it or its jobs give up, or it is told to stop; or infinite.
        starts: When each job that was added begins.
        ends: When it ends.
        wall_ns: When the pattern returns, once all are added.
        groups: The indexes of the jobs that an error in one of them cancels together; an error of
            a whole group, seen when its last job has ended, cancels the other groups.
    """

    def __init__(self, spec: RunSpec) -> None:
        self.count = spec.tasks
        self.limit = spec.limit or spec.tasks
        self.rate = spec.rate or 0
        self.timeout_ns = math.inf if spec.timeout_s is None else spec.timeout_s * NS_PER_S
        self.pool = spec.pool_size or default_pool_size()
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.wall_ns = 0
        self.groups: tuple[range, ...] = (range(self.count),)
        self._spec = spec
        self._plan = spec.plan
        self._pattern = PATTERNS[spec.pattern]
        self._most = min(spec.tasks, _connections(spec), _processors(spec))
        self._give_up_ns = self.timeout_ns if self._pattern.cancels_at_timeout else math.inf
        self._in_workers: set[int] = set()
        self._failing_at_end: set[int] = set()

    def places(self, number: int, *, free_ns: float = 0.0) -> list[float]:
        """Return when each of so many places is free; a place holds one job at a time.

        There are fewer where the workload has fewer connections or processors than that.
        """
        return [free_ns] * max(1, min(number, self._most))

    def add(
        self,
        places: list[float],
        *,
        not_before_ns: float = 0.0,
        more_ns: float = 0.0,
        in_worker: bool = False,
        fails_at_end: bool = False,
    ) -> None:
        """Let the next job begin as soon as one of some places is free, and take that place.

        It may take `more_ns` than its own length, where only an upper bound can be said of it.
        What is `in_worker` cannot be cancelled once it has begun. What `fails_at_end` ends with an
        error of the pattern's own, whatever becomes of the job itself.
        """
        index = len(self.starts)
        if fails_at_end:
            self._failing_at_end.add(index)
        if in_worker:
            self._in_workers.add(index)
        # A job whose place comes free after the time-out never begins: it has no length, and
        # stands where the pattern gives up.
        start_ns = min(max(places[0], not_before_ns), self._give_up_ns)
        left_ns = math.inf if more_ns else self._give_up_ns - start_ns
        end_ns = start_ns + more_ns + self._length_ns(index, left_ns)
        # The place that is free first is at the root; the heap's size never changes.
        heapq.heapreplace(places, end_ns)
        self.starts.append(round(start_ns))
        self.ends.append(round(end_ns))

    def leave_out(self, at_ns: float) -> None:
        """Let the next job never begin: it has no length, and stands at some moment."""
        self.starts.append(round(at_ns))
        self.ends.append(round(at_ns))

    @property
    def _jobs_stay_in_workers(self) -> bool:
        return self._pattern.arranges is JobKind.BLOCKING and self._pattern.uses_loop

    def fill(self) -> None:
        """Let each job begin as soon as it has a place."""
        if self._pattern.schedule is not None:
            self._pattern.schedule(self)
        else:
            self._fill_evenly()
        last_ns = max(self.ends)
        if self._jobs_stay_in_workers:
            last_ns = round(min(last_ns, self._give_up_ns))
        self.wall_ns = max(last_ns, round(self.wall_ns))

    def _fill_evenly(self) -> None:
        at_once = {
            AtOnce.ONE: 1,
            AtOnce.ALL: self.count,
            AtOnce.WORKERS: self.pool,
            AtOnce.LIMIT: self.limit,
        }
        places = self.places(at_once[self._pattern.at_once])
        if self._all_jobs_are_alike():
            self._fill_in_waves(len(places))
            return
        for _ in range(self.count):
            self.add(places)

    def _all_jobs_are_alike(self) -> bool:
        """Return whether jobs that begin together end together."""
        return (
            self._plan.spread is Spread.EQUAL
            and self._plan.failing is None
            and self._give_up_ns == math.inf
        )

    def _fill_in_waves(self, places: int) -> None:
        # For 100,000 jobs that start together 2 ms instead of 135: sliders ask at each move.
        length_ns = self._length_ns(0, math.inf)
        for first in range(0, self.count, places):
            together = min(places, self.count - first)
            start_ns = length_ns * (first // places)
            self.starts += [round(start_ns)] * together
            self.ends += [round(start_ns + length_ns)] * together

    def cut_by_failure(self) -> None:
        """End the pattern where the first job fails, and the jobs that it does not wait for."""
        then = self._pattern.on_failure
        if then is OnFailure.GOES_ON or not (self._plan.may_fail or self._failing_at_end):
            return
        failing = [index for index in range(self._spec.tasks) if self._fails(index)]
        if not failing:
            return
        if then is OnFailure.WAITS:
            self._cut_groups(frozenset(failing))
            self.wall_ns = max(self.ends)
            return
        raised_ns = (
            # Awaited in turn, it is seen when all jobs before it have ended; otherwise at once.
            max(self.ends[: failing[0] + 1])
            if then is OnFailure.IN_TURN
            else min(self.ends[index] for index in failing)
        )
        if not self._jobs_stay_in_workers:
            for index in range(self._spec.tasks):
                self._cut(index, raised_ns)
        self.wall_ns = raised_ns

    def _cut_groups(self, failing: frozenset[int]) -> None:
        """Cancel each group where its first job fails, or where another group has ended so."""
        raised_ns = [
            min((self.ends[index] for index in group if index in failing), default=math.inf)
            for group in self.groups
        ]
        done_ns = math.inf
        for group, at_ns in zip(self.groups, raised_ns, strict=True):
            if at_ns < math.inf:
                self._cut_all(group, at_ns)
                done_ns = min(done_ns, max(self.ends[index] for index in group))
        # A group that is cancelled already is not cancelled again.
        for group, at_ns in zip(self.groups, raised_ns, strict=True):
            if at_ns > done_ns:
                self._cut_all(group, done_ns)

    def _cut_all(self, indexes: range, at_ns: float) -> None:
        for index in indexes:
            self._cut(index, round(at_ns))

    def _fails(self, index: int) -> bool:
        """Return whether a job fails before it can be cancelled."""
        if index in self._failing_at_end:
            return True
        lasting_ns = self.ends[index] - self.starts[index]
        whole_ns = round(self._length_ns(index, math.inf))
        # A time-out may have cut the job before the moment at which it would fail.
        return self._plan.fails(index) and lasting_ns >= whole_ns

    def _cut(self, index: int, at_ns: int) -> None:
        # A call in a thread cannot be cancelled once it has begun; one that waits in the queue can.
        works_on = index in self._in_workers and self.starts[index] < at_ns
        if self.ends[index] > at_ns and not works_on:
            self.starts[index] = min(self.starts[index], at_ns)
            length_ns = self._length_ns(index, at_ns - self.starts[index])
            self.ends[index] = self.starts[index] + round(length_ns)

    def _length_ns(self, index: int, cancelled_after_ns: float) -> float:
        if cancelled_after_ns <= 0:
            return 0
        planned_ns = round(self._plan.sleep_s(index) * NS_PER_S)
        return self._spec.job.length(planned_ns, cancelled_after_ns)


def _connections(spec: RunSpec) -> int:
    """Return how many jobs can have a connection; each worker process has that many of its own."""
    if spec.connections is None:
        return spec.tasks
    # A connection cannot be handed to another process.
    sharing = spec.pool_size if spec.executor in IN_PROCESSES else None
    return spec.connections * (sharing or 1)


def _processors(spec: RunSpec) -> int:
    """Return how many jobs can make progress at the same time, as far as processors decide it."""
    if not spec.job.uses_cpu:
        return spec.tasks
    pattern = PATTERNS[spec.pattern]
    # Coroutines share one thread, so only blocking jobs gain from a Python without the GIL.
    in_threads = pattern.arranges is JobKind.BLOCKING and not has_gil()
    in_processes = spec.executor in IN_PROCESSES
    return cpu_count() if in_threads or in_processes else 1


MANY_TASKS = 10_000


def time_limit_s(spec: RunSpec) -> float:
    """Return after how many seconds a run is ended: well past its ideal, so that only runaways are.

    What would take too long by its ideal is refused before it starts; so nobody waits for ever.

    Three times the ideal, 5 s for a busy machine, and 5 ms a job for what each costs; those beyond
    10,000 cost 1 ms, as they are no requests to a server. In Dask a job may cost 50 ms, and 25 s
    are allowed, in which workers come in place of lost ones.
    """
    in_dask = spec.executor == ExecutorKind.DASK
    first = min(spec.tasks, MANY_TASKS)
    jobs_s = 0.005 * first + 0.001 * (spec.tasks - first)
    costs_s = 25 + 0.05 * spec.tasks if in_dask else 5 + jobs_s
    return 3 * schedule(spec).wall_ns / NS_PER_S + costs_s
