"""What had not ended when the last word came from a run: its steps go on, its jobs are ready."""

from dataclasses import dataclass

import numpy as np

from core.recording.events import KIND_BITS, NOBODY, Kind
from core.recording.sites import NO_SITE
from core.timeline.rows import Rows, table_of
from core.timeline.timeline import Integers

SILENT_NS = 500_000_000
"""A child speaks each 200 ms; after so long something keeps it from that."""
SURELY_HOLDS_NS = 8_000_000
"""A step that had lasted so long at the last word is taken to go on in the silence after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unended:
    """What was under way at the last word from a run that goes on or was ended early.

    `steps` are the steps that went on, with `until_ns` as their end, and `held` where they were
    seen to; `ready` has one row for each job that could run then, `turns` what the loops' threads
    had done in the turn under way. `until_ns` is the last moment of which something is known.
    """

    steps: Rows
    held: Rows
    ready: Rows
    turns: Rows
    until_ns: int


def unended(rows: Rows, snapshot: bytes, *, heard_ns: int, now_ns: int) -> Unended:
    """Return what goes on until now, as far as that is known.

    A snapshot says nothing of a loop whose step has ended since: its row tells. While one call
    holds the GIL the child says nothing at all. Then only a step that had held its loop for a
    while is known to go on; anything else ends with the last word.

    Args:
        rows: All that was recorded.
        snapshot: The rows of what was under way at the last word.
        heard_ns: When that was; 0 if it is not known.
        now_ns: The present, or when the run was ended.
    """
    under_way = table_of(snapshot)
    under_way = under_way.where(~np.isin(under_way.loop, _loops_gone_on(rows, under_way)))
    steps = under_way.where(under_way.is_step)
    silent = 0 < heard_ns < now_ns - SILENT_NS
    holds = bool((steps.start_ns <= heard_ns - SURELY_HOLDS_NS).any())
    # whoever ends a run may note the moment before the child's last word arrives
    until_ns = max(heard_ns if silent and not holds else now_ns, _latest(rows), _latest(steps))
    known = np.isin(steps.job, rows.job[rows.kind == Kind.CREATED])
    steps = steps.having(job=np.where(known, steps.job, NOBODY), end_ns=until_ns)
    seen = steps.where(steps.place != NO_SITE)
    return Unended(
        steps=steps,
        held=seen.having(kind=seen.loop << KIND_BITS | Kind.HELD, start_ns=until_ns),
        ready=under_way.where(under_way.kind == Kind.READY),
        turns=under_way.where(under_way.kind == Kind.TURN),
        until_ns=until_ns,
    )


def _loops_gone_on(rows: Rows, under_way: Rows) -> Integers:
    """Return the lanes of the loops on which the step of a snapshot has ended."""
    steps = under_way.where(under_way.is_step)
    gone_on = np.zeros(len(steps), dtype=np.bool_)
    for place, (lane, start_ns) in enumerate(zip(steps.loop, steps.start_ns, strict=True)):
        gone_on[place] = _has_row_since(rows, int(lane), int(start_ns))
    return steps.loop[gone_on]


def _has_row_since(rows: Rows, lane: int, start_ns: int) -> bool:
    since = rows.where(rows.start_ns >= start_ns)
    return bool((since.is_step & (since.loop == lane)).any())


def _latest(rows: Rows) -> int:
    times = (rows.start_ns.max(initial=0), rows.end_ns.max(initial=0))
    return int(max(times))


def ready_since(open_jobs: Integers, ready: Rows) -> tuple[Integers, Integers]:
    """Return since when each of some jobs could run, 0 if it could not, and who made it so."""
    since_ns = np.zeros(len(open_jobs), dtype=np.int64)
    waker = np.full(len(open_jobs), NOBODY, dtype=np.int64)
    known = ready.where(np.isin(ready.job, open_jobs))
    place = np.searchsorted(open_jobs, known.job)
    since_ns[place] = known.column("ready_ns")
    waker[place] = known.column("waker")
    return since_ns, waker
