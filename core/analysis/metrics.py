"""Numbers about a timeline: each can be recomputed from the run file."""

from dataclasses import dataclass, replace

import numpy as np

from core.jobs import JobKind, OwnProgram
from core.patterns import PATTERNS
from core.recording.events import LANE_KINDS, LaneKind
from core.spec.limits import cpu_count
from core.spec.run_spec import IN_PROCESSES, Program
from core.text.language import NS_PER_S
from core.timeline.timeline import BLOCKING_NS, NO_CPU_TIME, Integers, On, Outcome, State, Timeline

# Less than 5 % does not show in a chart or in a factor of two digits. Without a lower bound in time
# runs of a few milliseconds would be disturbed by any wake-up.
LEAST_DISTURBANCE_NS = 2_000_000
LEAST_DISTURBED_SHARE = 0.05
LEAST_LATE_START_SHARE = 0.05


def loop_busy_ns(timeline: Timeline) -> int:
    """Return how long the event loop ran steps before the run ended; 0 without a loop."""
    steps = timeline.steps_of_run
    return int((steps.end_ns - steps.start_ns).sum())


def longest_step_ns(timeline: Timeline) -> int:
    """Return the longest time for which one step of the run held the loop; 0 without a loop."""
    steps = timeline.steps_of_run
    return int((steps.end_ns - steps.start_ns).max()) if len(steps) else 0


def worst_lateness_ns(timeline: Timeline) -> int:
    """Return the longest time that a job was ready before the loop came to it.

    Counted from the moment a timer was due or a future was set, so a loop that blocks for 300 ms
    shows up as 300 ms on the job that had to wait for it.

    Returns:
        Nanoseconds; 0 for a run without a loop.
    """
    if not len(timeline.steps):
        return 0
    late = timeline.spans.duration_ns[timeline.spans.state == State.READY]
    return int(late.max()) if len(late) else 0


def time_per_state_ns(timeline: Timeline) -> dict[State, int]:
    """Return how long all jobs together were in each state."""
    spans = timeline.spans
    sums = np.bincount(spans.state, weights=spans.duration_ns, minlength=len(State))
    return {state: int(sums[state]) for state in State}


def wake_lateness_ns(timeline: Timeline) -> Integers:
    """Return of each sleep how much later than it was over its job went on, in no special order.

    On the loop that is how long a job was ready after its timer was due. A blocking job sleeps in
    its worker: what it worked longer than the sleep that was asked for.
    """
    spans = timeline.spans
    # A wait that is followed by no time of being ready was not late at all, and counts as 0.
    on_timer = (spans.state == State.WAITING) & (spans.on == On.TIMER)
    after = np.flatnonzero(on_timer[:-1] & (spans.job[1:] == spans.job[:-1])) + 1
    late: Integers = np.where(spans.state[after] == State.READY, spans.duration_ns[after], 0)
    working = spans.state == State.WORKING
    planned_ns = _planned_ns(timeline, spans.job[working])
    return np.concatenate([late, np.maximum(spans.duration_ns[working] - planned_ns, 0)])


def _planned_ns(timeline: Timeline, jobs: Integers) -> Integers:
    if timeline.spec is None:
        return np.zeros(len(jobs), dtype=np.int64)
    plan = timeline.spec.plan
    return np.array([round(plan.sleep_s(job) * NS_PER_S) for job in jobs.tolist()], dtype=np.int64)


def begun_ns(timeline: Timeline) -> Integers:
    """Return when jobs first ran on the loop or in a worker, the earliest first."""
    return np.sort(_first_held_ns(timeline)[1])


def process_cpu_ns(timeline: Timeline) -> int:
    """Return what a run used of the processors: its process, and jobs in worker processes."""
    spans = timeline.spans
    # Threads of the measuring process are in its own processor time; workers elsewhere are not.
    elsewhere = np.isin(spans.lane % LANE_KINDS, OTHER_PROCESSES) & (spans.cpu_ns != NO_CPU_TIME)
    return timeline.cpu_ns + int(spans.cpu_ns[elsewhere].sum())


OTHER_PROCESSES = [kind for kind in LaneKind if kind.name in ("PROCESS", "DASK")]


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """How many jobs were begun and not yet ended, from each moment on until the next."""

    at_ns: Integers
    count: Integers


def in_flight(timeline: Timeline) -> InFlight:
    """Return how many jobs were in flight over time; moments do not repeat.

    A job is begun when it first runs on the loop or a worker first takes it.
    """
    jobs, first_ns = _first_held_ns(timeline)
    ended_ns = timeline.jobs.ended_ns[np.searchsorted(timeline.jobs.number, jobs)]
    at_ns, which = np.unique(np.concatenate([first_ns, ended_ns]), return_inverse=True)
    change = np.repeat([1, -1], len(jobs))
    count = np.bincount(which, weights=change, minlength=len(at_ns)).cumsum().astype(np.int64)
    return InFlight(at_ns=at_ns, count=count)


def _first_held_ns(timeline: Timeline) -> tuple[Integers, Integers]:
    """Return the jobs that began, and when each first held the loop or a worker."""
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    held_job = spans.job[held]
    first = np.flatnonzero(np.diff(held_job, prepend=-1))
    return held_job[first], spans.start_ns[held][first]


def peak_alive(timeline: Timeline) -> int:
    """Return how many jobs at most were created and not yet ended at one moment, begun or not."""
    created_ns, ended_ns = np.sort(timeline.jobs.created_ns), np.sort(timeline.jobs.ended_ns)
    # A job that ends as another is created makes room for it: `right` counts it as ended.
    ended_before = np.searchsorted(ended_ns, created_ns, side="right")
    return int((np.arange(1, len(created_ns) + 1) - ended_before).max(initial=0))


def peak_in_flight(timeline: Timeline) -> int:
    """Return how many jobs at most were begun and not yet ended at one moment."""
    jobs, first_ns = _first_held_ns(timeline)
    begun_ns = np.sort(first_ns)
    ended_ns = np.sort(timeline.jobs.ended_ns[np.searchsorted(timeline.jobs.number, jobs)])
    ended = np.searchsorted(ended_ns, begun_ns, side="right")
    return int((np.arange(1, len(jobs) + 1) - ended).max(initial=0))


def cpu_share(timeline: Timeline) -> float | None:
    """Return which share of the time that jobs worked they had a processor; None if none worked.

    1 for calculation that nothing disturbs, near 1/n for n threads that share the GIL, near 0 for
    waiting. Worker by worker, from `time.thread_time_ns`.
    """
    spans = timeline.spans
    measured = (spans.state == State.WORKING) & (spans.cpu_ns != NO_CPU_TIME)
    worked_ns = int(spans.duration_ns[measured].sum())
    return int(spans.cpu_ns[measured].sum()) / worked_ns if worked_ns else None


def cores_used(timeline: Timeline) -> float:
    """Return how many processors a run used on average, over its wall time.

    The measuring process counts with all of its threads, worker processes with their jobs.
    """
    return process_cpu_ns(timeline) / timeline.wall_ns if timeline.wall_ns else 0.0


def processors_wanted(timeline: Timeline) -> int:
    """Return how many processors a run that calculates can keep busy: one with a GIL in threads."""
    spec = timeline.spec
    if spec is None:
        return 1
    workers = min(spec.tasks, spec.pool_size or spec.tasks)
    if spec.executor in IN_PROCESSES:
        return min(workers, cpu_count())
    is_in_threads = PATTERNS[spec.pattern].arranges is JobKind.BLOCKING
    return min(workers, cpu_count()) if is_in_threads and not timeline.has_gil else 1


def median_step_ns(timeline: Timeline) -> int:
    """Return how long a step of the run's loop lasted at the median; 0 without a loop."""
    steps = timeline.steps_of_run
    return int(np.median(steps.end_ns - steps.start_ns)) if len(steps) else 0


def is_disturbed(timeline: Timeline) -> bool:
    """Return whether the machine's other work made a run look other than it is.

    Its threads waited for a processor for 2 ms and for 5 % of its wall time; less does not show.
    """
    return known_disturbance_ns(timeline) >= max(
        LEAST_DISTURBANCE_NS, LEAST_DISTURBED_SHARE * timeline.wall_ns
    )


def known_disturbance_ns(timeline: Timeline) -> int:
    """Return how long a run's threads are known to have waited for a processor."""
    return timeline.disturbed_ns or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStart:
    """A first job that came long after the clock had started, though no step held the loop.

    `at_ns` is when it was created or, if that was in time, when it was `begun`.
    """

    at_ns: int
    begun: bool


def late_start(timeline: Timeline) -> LateStart | None:
    """Return how late the first job of a run was, if that is 10 ms and 5 % of the wall time.

    What steps of the loop took before the first job began is the program's own doing, such as to
    create thousands of tasks; other processes must receive a job before they begin it.
    """
    least_ns = max(BLOCKING_NS, LEAST_LATE_START_SHARE * timeline.wall_ns)
    # Of somebody's own program nobody knows when its first task was due.
    if timeline.spec is None or not len(timeline.jobs):
        return None
    created_ns = int(timeline.jobs.created_ns.min())
    if created_ns >= least_ns:
        return LateStart(at_ns=created_ns, begun=False)
    begun = begun_ns(timeline)
    if not len(begun) or (timeline.spec is not None and timeline.spec.executor in IN_PROCESSES):
        return None
    first_ns = int(begun[0])
    idle_ns = first_ns - created_ns - held_ns(timeline, created_ns, first_ns)
    return LateStart(at_ns=first_ns, begun=True) if idle_ns >= least_ns else None


def held_ns(timeline: Timeline, start_ns: int, end_ns: int) -> int:
    """Return for how long steps held the loop between two moments."""
    steps = timeline.steps
    overlap_ns = np.minimum(steps.end_ns, end_ns) - np.maximum(steps.start_ns, start_ns)
    return int(overlap_ns[overlap_ns > 0].sum())


def tells_of_its_pattern(timeline: Timeline) -> bool:
    """Return whether a run's time may be ranked: it was not disturbed, nor did it begin late."""
    return not is_disturbed(timeline) and late_start(timeline) is None


def did_all(timeline: Timeline) -> bool:
    """Return whether every job that was asked for ended well; of an own program, every task."""
    asked = len(timeline.jobs) if timeline.spec is None else timeline.spec.tasks
    return timeline.jobs.outcome.count(Outcome.OK) == asked


def same_work(timeline: Timeline, baseline: Timeline) -> bool:
    """Return whether two runs have the same number of jobs, each of the same length and kind.

    A wait is the same work whether it blocks or not. Of somebody's own program nobody knows what
    it does, so its runs are the same work if they were started alike.
    """
    spec, other = timeline.spec, baseline.spec
    if spec is None or other is None:
        return _started_alike(timeline.program, baseline.program)
    return (spec.tasks, spec.sleep_s, spec.spread, spec.job.is_timed, spec.job.uses_cpu) == (
        *(other.tasks, other.sleep_s, other.spread),
        *(other.job.is_timed, other.job.uses_cpu),
    )


def _started_alike(program: Program, other: Program) -> bool:
    """Return whether two programs of somebody's own are the same; a child does not what it is for.

    Its parent's arguments are all that is known of a child of multiprocessing.
    """
    if not isinstance(program, OwnProgram) or not isinstance(other, OwnProgram):
        return False
    if program.is_child or other.is_child:
        return program == other
    return replace(program, process=None) == replace(other, process=None)


def speed_up(timeline: Timeline, baseline: Timeline) -> float | None:
    """Return how many times faster a run was than a baseline, by wall time.

    Returns:
        None if one of the two did not do the whole work, or other work, or took no time that a
        clock could measure, or a time that says little of its pattern: nothing can be compared.
    """
    if not (did_all(timeline) and did_all(baseline) and same_work(timeline, baseline)):
        return None
    if not timeline.wall_ns or not baseline.wall_ns:
        return None
    if not (tells_of_its_pattern(timeline) and tells_of_its_pattern(baseline)):
        return None
    return baseline.wall_ns / timeline.wall_ns
