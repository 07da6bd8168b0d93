"""Numbers about a timeline: each can be recomputed from the run file."""

import numpy as np

from core.timeline import Outcome, State, Timeline


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


def peak_in_flight(timeline: Timeline) -> int:
    """Return how many jobs at most were begun and not yet ended at one moment.

    A job is begun when it first runs on the loop or a worker first takes it.
    """
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    if not held.any():
        return 0
    jobs, first = np.unique(spans.job[held], return_index=True)
    begun_ns = spans.start_ns[held][first]
    ended_ns = timeline.jobs.ended_ns[np.searchsorted(timeline.jobs.number, jobs)]
    moments = np.concatenate([begun_ns, ended_ns])
    change = np.concatenate([np.ones(len(begun_ns)), -np.ones(len(ended_ns))])
    order = np.lexsort((change, moments))
    return int(np.cumsum(change[order]).max())


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
