"""What a long stretch of running was: calculation, a call that waited, or nothing of the job's.

The clocks of a loop's thread are read now and then, not at each step, and the readings around a
stretch tell of other steps, too. Therefore what excuses a job counts as much as it can have been,
and what is left is put on the job: so nothing is that it has not done.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from core.timeline.rows import Rows
from core.timeline.timeline import BLOCKING_NS, Cause

MOSTLY = 0.9
"""A job is to blame also for a little less than `BLOCKING_MS`, if that is nearly all there was."""
EXPLAINS = 0.5
"""Other threads that ran, or could have run, for half of a wait may have had the GIL: where the
machine is busy, whoever has it has a processor for only part of the time."""


class Blame(NamedTuple):
    """What most of a long stretch was, and for how long at most, in ns."""

    cause: Cause
    lasted_ns: int


class _Reading(NamedTuple):
    """What a loop's thread, and the others of its process, had done since a turn began, in ns."""

    at_ns: int
    cpu_ns: int = 0
    delay_ns: int = 0
    others_cpu_ns: int = 0
    others_delay_ns: int = 0

    def since(self, before: "_Reading") -> "_Reading":
        """Return what they did since an earlier reading; `at_ns` is the time between them."""
        return _Reading(*(now - then for now, then in zip(self, before, strict=True)))

    @property
    def waited_ns(self) -> int:
        """For how long the thread neither ran nor could have: in a call, or for the GIL."""
        return max(0, self.at_ns - self.cpu_ns - self.delay_ns)


class Clocks:
    """What was recorded of the loops' threads in addition to their steps."""

    def __init__(self, turns: Rows, collected: Rows, held: Rows, *, has_gil: bool = True) -> None:
        """Take the rows of turns, of garbage collections, and of looks at what holds a loop.

        Where a Python has no GIL, nobody waits for it: only delays of others excuse a wait.
        """
        lanes = np.unique(turns.loop).tolist()
        self._turns = {lane: _readings(turns.where(turns.loop == lane)) for lane in lanes}
        self._collected = collected
        self._held = held
        self._has_gil = has_gil

    def blame(self, lane: int, start_ns: int, end_ns: int) -> Blame:
        """Return what most of a stretch of running on a loop was."""
        lasted_ns = end_ns - start_ns
        own_gc_ns, other_gc_ns = self._collected_ns(start_ns, end_ns)
        excuses = {Cause.COLLECTION: own_gc_ns + other_gc_ns}
        did = self._done_around(lane, start_ns, end_ns)
        if did is None:
            return _verdict(lasted_ns, excuses, Cause.NOT_KNOWN)
        excuses[Cause.MACHINE] = did.delay_ns
        waited_ns = max(0, did.waited_ns - other_gc_ns)
        # Processor time of other threads is no proof that they had the GIL: C code may run without.
        # So it excuses only a wait for which the thread was not seen in a call of its own.
        others_cpu_ns = did.others_cpu_ns if self._has_gil else 0
        others_ns = others_cpu_ns + did.others_delay_ns
        in_call = self._seen_in_call(lane, start_ns, end_ns)
        if others_ns >= EXPLAINS * waited_ns and not in_call:
            had_gil = self._has_gil and others_cpu_ns >= did.others_delay_ns
            excuses[Cause.GIL if had_gil else Cause.MACHINE] = waited_ns + (
                0 if had_gil else did.delay_ns
            )
            return _verdict(lasted_ns, excuses, Cause.CALCULATION)
        calculates = did.cpu_ns - own_gc_ns >= waited_ns
        return _verdict(lasted_ns, excuses, Cause.CALCULATION if calculates else Cause.CALL)

    def _done_around(self, lane: int, start_ns: int, end_ns: int) -> _Reading | None:
        """Return what was done between the readings around a stretch; None if there are none.

        A step that had not ended has no reading after it, and counts up to the last one.
        """
        turns = self._turns.get(lane, {})
        # A turn is a pass of `_run_once` without its `select`: readings count from its beginning.
        begun = [began_ns for began_ns in turns if began_ns <= start_ns]
        if not begun:
            return None
        readings = turns[max(begun)]
        times = [reading.at_ns for reading in readings]
        after = min(bisect_left(times, end_ns), len(times) - 1)
        before = bisect_right(times, start_ns) - 1
        if times[after] <= start_ns:
            return None
        return readings[after].since(readings[before])

    def _collected_ns(self, start_ns: int, end_ns: int) -> tuple[int, int]:
        """Return for how long garbage was collected in a loop's thread, and in others."""
        rows = self._collected
        overlap = np.minimum(rows.end_ns, end_ns) - np.maximum(rows.start_ns, start_ns)
        overlap = np.maximum(overlap, 0)
        # A collection stops the thread in which it was triggered, and the others through the GIL.
        on_loop = rows.then == 1
        return int(overlap[on_loop].sum()), int(overlap[~on_loop].sum())

    def _seen_in_call(self, lane: int, start_ns: int, end_ns: int) -> bool:
        """Return whether most looks found the thread waiting in a call, and not for the GIL."""
        rows = self._held
        inside = (rows.loop == lane) & (rows.start_ns >= start_ns) & (rows.start_ns <= end_ns)
        seen = rows.column("ready_ns")[inside]
        return bool(len(seen) and seen.mean() > EXPLAINS)


def _readings(turns: Rows) -> dict[int, list[_Reading]]:
    """Return the readings of each turn by its beginning, which is a reading of nothing done."""
    found: dict[int, list[_Reading]] = {}
    columns = ("start_ns", "end_ns", "ready_ns", "detail", "waker", "job")
    for began_ns, *reading in zip(*(turns.column(name).tolist() for name in columns), strict=True):
        found.setdefault(began_ns, [_Reading(began_ns)]).append(_Reading(*reading))
    for readings in found.values():
        readings.sort()
    return found


def _verdict(lasted_ns: int, excuses: dict[Cause, int], own: Cause) -> Blame:
    """Return the job's own cause if the excuses leave it enough, and else the best excuse."""
    left_ns = lasted_ns - sum(excuses.values())
    if left_ns >= min(BLOCKING_NS, MOSTLY * lasted_ns):
        return Blame(own, lasted_ns)
    best = max(excuses, key=lambda cause: excuses[cause])
    return Blame(best, min(lasted_ns, excuses[best]))
