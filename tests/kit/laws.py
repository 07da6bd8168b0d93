"""The laws that hold for every recording, as one checker; see docs/architecture.md."""

import numpy as np

from core.recording.events import FIRST_END, Kind
from core.timeline.timeline import Integers, Spans, State, Timeline


def assert_laws(timeline: Timeline, *, jobs: int | None = None) -> None:
    """Check what can be checked on any timeline, finished or not.

    Args:
        timeline: What was built of a recording.
        jobs: How many jobs the program called; None if it is not known.
    """
    assert_one_lane_and_one_end_each(timeline, jobs)
    assert_spans_touch(timeline)
    assert_nothing_runs_twice_at_once(timeline)
    assert_sequence_and_time_agree(timeline)


def assert_one_lane_and_one_end_each(timeline: Timeline, count: int | None) -> None:
    """Law 1: N jobs give exactly N lanes, each with exactly one end."""
    jobs = timeline.jobs
    assert len(np.unique(jobs.number)) == len(jobs)
    assert len(jobs.ended_ns) == len(jobs.outcome) == len(jobs)
    assert set(timeline.spans.job.tolist()) <= set(jobs.number.tolist())
    if count is not None:
        assert len(jobs) == count


def assert_spans_touch(timeline: Timeline) -> None:
    """Law 2: a job's spans touch without gap or overlap from its creation to its end."""
    spans, jobs = timeline.spans, timeline.jobs
    assert all(
        column.dtype == np.int64
        for column in (spans.start_ns, spans.end_ns, jobs.created_ns, jobs.ended_ns)
    )
    assert (spans.duration_ns > 0).all()
    for row, number in enumerate(jobs.number):
        own = spans.job == number
        starts, ends = spans.start_ns[own].tolist(), spans.end_ns[own].tolist()
        created, ended = int(jobs.created_ns[row]), int(jobs.ended_ns[row])
        assert [created, *ends] == [*starts, ended], f"job {number}"


def assert_nothing_runs_twice_at_once(timeline: Timeline) -> None:
    """Law 3: no two running spans overlap on a loop, no two working spans on a worker."""
    spans = timeline.spans
    for state in (State.RUNNING, State.WORKING):
        held = spans.state == state
        for lane in np.unique(spans.lane[held]):
            _assert_apart(spans, held & (spans.lane == lane))


def assert_sequence_and_time_agree(timeline: Timeline) -> None:
    """Law 4: rows come in the order of what they tell, so steps follow one another in time."""
    spans, ran = timeline.spans, timeline.spans.state == State.RUNNING
    lanes = timeline.steps.lanes
    assert set(spans.lane[ran].tolist()) <= set(lanes)
    for lane in lanes:
        steps, running = timeline.steps.of(lane), ran & (spans.lane == lane)
        assert (steps.start_ns <= steps.end_ns).all()
        assert (steps.end_ns[:-1] <= steps.start_ns[1:]).all()
        step = np.searchsorted(steps.start_ns, spans.start_ns[running], "right") - 1
        assert (step >= 0).all()
        assert (spans.end_ns[running] <= steps.end_ns[step]).all()


def assert_one_end_recorded_each(rows: Integers) -> None:
    """Check that a program which came to its end left one end of each job, and no row after it."""
    created = rows[rows[:, 0] == Kind.CREATED, 1].tolist()
    lives = rows[(rows[:, 0] != Kind.CREATED) & (rows[:, 1] >= 0)]
    for number in created:
        ends = lives[lives[:, 1] == number, 5] % 256 >= FIRST_END
        assert ends.sum() <= 1, f"job {number} has several ends"
        assert not ends[:-1].any(), f"job {number} goes on after its end"


def state_at(timeline: Timeline, job: int, at_ns: int) -> State | None:
    """Return the state of a job at a moment since the run's start; None outside of its life."""
    spans = timeline.spans
    found = np.flatnonzero((spans.job == job) & (spans.start_ns <= at_ns) & (at_ns < spans.end_ns))
    return State(int(spans.state[found[0]])) if len(found) else None


def _assert_apart(spans: Spans, selected: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
    order = np.argsort(spans.start_ns[selected], kind="stable")
    starts, ends = spans.start_ns[selected][order], spans.end_ns[selected][order]
    assert (ends[:-1] <= starts[1:]).all()
