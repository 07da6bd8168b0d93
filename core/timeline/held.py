"""Who held what jobs waited for, and which jobs waited for one another in a circle."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.recording.holders import BEGINS, CIRCLE
from core.timeline.rows import Rows
from core.timeline.timeline import HELD_BY_JOBS, Booleans, Deadlock, Integers, Spans, State


def with_holders(spans: Spans, rows: Rows, started_ns: int) -> tuple[Spans, tuple[Deadlock, ...]]:
    """Return spans that name who held what they wait for, and the circles of such waits.

    Args:
        spans: What the jobs did.
        rows: Those of `Kind.HOLDER`, in the order of recording.
        started_ns: When the run began, by the clock of the rows.
    """
    if not len(rows):
        return spans, ()
    waits = np.flatnonzero((spans.state == State.WAITING) & np.isin(spans.on, HELD_BY_JOBS))
    at_ns = rows.start_ns - started_ns
    found = _waits_of(spans, waits, rows.job, at_ns, begins=rows.then == BEGINS)
    known = found >= 0
    holder = spans.holder.copy()
    # of several rows about a wait the last one counts, as numpy assigns in turn
    holder[found[known]] = rows.column("waker")[known]
    spans = replace(spans, holder=holder)
    circles = rows.where(rows.then == CIRCLE)
    return spans, tuple(_deadlocks(spans, waits, circles, started_ns))


def _waits_of(
    spans: Spans, waits: Integers, job: Integers, at_ns: Integers, *, begins: Booleans
) -> Integers:
    """Return of each row the span of its wait, or -1.

    That is the first one from a time on where the wait begins later, or else the one that goes on
    at that time.
    """
    found = np.full(len(job), -1, dtype=np.int64)
    for chosen, is_before in ((begins, False), (~begins, True)):
        # all in one order; at equal times a row comes before a wait that it looks for later
        jobs = np.concatenate([spans.job[waits], job[chosen]])
        times = np.concatenate([spans.start_ns[waits], at_ns[chosen]])
        is_row = np.arange(len(jobs)) >= len(waits)
        order = np.lexsort((is_row if is_before else ~is_row, times, jobs))
        waits_so_far = np.empty(len(jobs), dtype=np.int64)
        waits_so_far[order] = np.cumsum(~is_row[order])
        place = waits_so_far[is_row] - int(is_before)
        inside = (place >= 0) & (place < len(waits))
        span = waits[place[inside]]
        fits = spans.job[span] == job[chosen][inside]
        if is_before:
            fits &= spans.end_ns[span] > at_ns[chosen][inside]
        found[np.flatnonzero(chosen)[inside][fits]] = span[fits]
    return found


def _deadlocks(spans: Spans, waits: Integers, circles: Rows, started_ns: int) -> Iterator[Deadlock]:
    """Return the circles of rows that were recorded together, each from the job that closed it."""
    holder_of: dict[int, int] = {}
    columns = (circles.job, circles.column("waker"), circles.start_ns)
    for job, holder, at_ns in zip(*(column.tolist() for column in columns), strict=True):
        holder_of[job] = holder
        first, jobs = holder, [job]
        # the row of the last member names the first one, so the circle is whole by then
        while first in holder_of and first not in jobs:
            jobs.append(first)
            first = holder_of[first]
        if first != job:
            continue
        jobs = jobs[1:] + jobs[:1]
        for each in jobs:
            del holder_of[each]
        since_ns = _all_wait_from(spans, waits, jobs, at_ns - started_ns)
        if since_ns is not None:
            yield Deadlock(at_ns=since_ns, jobs=tuple(jobs))


def _all_wait_from(spans: Spans, waits: Integers, jobs: list[int], at_ns: int) -> int | None:
    """Return from when on all members of a circle wait that closed in the step at a time."""
    last = waits[(spans.job[waits] == jobs[0]) & (spans.start_ns[waits] >= at_ns)]
    return int(spans.start_ns[last[0]]) if len(last) else None
