"""Numbers about a timeline: each can be recomputed from the run file."""

from dataclasses import dataclass

import numpy as np

from core.timeline import Integers, Outcome, State, Timeline


def loop_busy_ns(timeline: Timeline) -> int:
    """Return how long the event loop ran steps before the run ended; 0 without a loop."""
    steps = timeline.steps_of_run
    return int((steps.end_ns - steps.start_ns).sum())


def longest_step_ns(timeline: Timeline) -> int:
    """Return the longest time for which one step of the run held the loop; 0 without a loop."""
    steps = timeline.steps_of_run
    return int((steps.end_ns - steps.start_ns).max()) if len(steps) else 0


def worst_lateness_ns(timeline: Timeline) -> int:
    """Return the longest time that a job was ready while the loop was busy.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """How many jobs were begun and not yet ended, from each moment on until the next."""

    at_ns: Integers
    count: Integers


def in_flight(timeline: Timeline) -> InFlight:
    """Return how many jobs were in flight over time; moments do not repeat.

    A job is begun when it first runs on the loop or a worker first takes it.
    """
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    jobs, first = np.unique(spans.job[held], return_index=True)
    begun_ns = spans.start_ns[held][first]
    ended_ns = timeline.jobs.ended_ns[np.searchsorted(timeline.jobs.number, jobs)]
    at_ns, which = np.unique(np.concatenate([begun_ns, ended_ns]), return_inverse=True)
    change = np.repeat([1, -1], len(jobs))
    count = np.bincount(which, weights=change, minlength=len(at_ns)).cumsum().astype(np.int64)
    return InFlight(at_ns=at_ns, count=count)


def peak_in_flight(timeline: Timeline) -> int:
    """Return how many jobs at most were begun and not yet ended at one moment."""
    return int(in_flight(timeline).count.max(initial=0))


def median_step_ns(timeline: Timeline) -> int:
    """Return how long a step of the run's loop lasted at the median; 0 without a loop."""
    steps = timeline.steps_of_run
    return int(np.median(steps.end_ns - steps.start_ns)) if len(steps) else 0


def did_all(timeline: Timeline) -> bool:
    """Return whether every job that was asked for ended well."""
    return timeline.jobs.outcome.count(Outcome.OK) == timeline.spec.tasks


def speed_up(timeline: Timeline, baseline: Timeline) -> float | None:
    """Return how many times faster a run was than a baseline, by wall time.

    Returns:
        None if one of the two did not do the whole work, and there is nothing to compare.
    """
    if not (did_all(timeline) and did_all(baseline)):
        return None
    return baseline.wall_ns / timeline.wall_ns if timeline.wall_ns else float("inf")
