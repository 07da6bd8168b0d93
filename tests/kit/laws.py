"""The laws that hold for every recording (`core.timeline.laws`), and for its rows."""

from collections.abc import Sequence

import numpy as np

from core.recording.events import FIRST_END, Kind
from core.timeline.laws import violations
from core.timeline.timeline import Integers, State, Timeline

ALL_LAWS = (1, 2, 3, 4)


def assert_laws(
    timeline: Timeline, *, jobs: int | None = None, laws: Sequence[int] = ALL_LAWS
) -> None:
    """Check what can be checked on any timeline, finished or not.

    Args:
        timeline: What was built of a recording.
        jobs: How many jobs the program called; None if it is not known.
        laws: Which of the laws to check.
    """
    columns, spans = timeline.jobs, timeline.spans
    assert len(columns.ended_ns) == len(columns.outcome) == len(columns)
    assert set(spans.job.tolist()) <= set(columns.number.tolist())
    assert jobs in (None, len(columns))
    assert all(
        column.dtype == np.int64
        for column in (spans.start_ns, spans.end_ns, columns.created_ns, columns.ended_ns)
    )
    assert [found for found in violations(timeline) if found.law in laws] == []


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
