"""The rows of a recording as a table, and what had not ended at the last word from a run."""

from dataclasses import dataclass

import numpy as np

from core.recording.events import (
    COLUMNS,
    DETAIL_BITS,
    DETAIL_MASK,
    FIRST_END,
    KIND_BITS,
    KIND_MASK,
    NOBODY,
    WIDTH,
    Kind,
)
from core.recording.sites import NO_SITE
from core.timeline.timeline import Booleans, Integers

NO_PART_OF_A_LIFE = (
    *(Kind.CREATED, Kind.HELD, Kind.CANCELLED, Kind.UNCANCELLED),
    *(Kind.TURN, Kind.COLLECTED, Kind.HOLDER),
)
"""Rows about a job that begin none of its spans."""

_PART_OF_A_LIFE = np.ones(KIND_MASK + 1, dtype=np.bool_)
_PART_OF_A_LIFE[list(NO_PART_OF_A_LIFE)] = False
"""By the kind of a row: looked up, since `np.isin` takes 20 µs to begin, and runs are small."""


def table_of(events: bytes | bytearray) -> "Rows":
    """Return recorded bytes as rows.

    Raises:
        ValueError: If they are not whole rows.
    """
    return Rows(np.frombuffer(events, dtype=np.int64).reshape(-1, WIDTH))


@dataclass(frozen=True, slots=True)
class Rows:
    """A selection of rows."""

    table: Integers

    def __len__(self) -> int:
        return len(self.table)

    def column(self, name: str) -> Integers:
        """Return a column as the event layout names it."""
        return self.table[:, COLUMNS.index(name)]

    def where(self, selection: Booleans | Integers) -> "Rows":
        """Return some of the rows, by a mask or by their places."""
        return Rows(self.table[selection])

    def having(self, **columns: Integers | int) -> "Rows":
        """Return the rows with other values in some columns."""
        table = self.table.copy()
        for name, values in columns.items():
            table[:, COLUMNS.index(name)] = values
        return Rows(table)

    def and_then(self, others: "Rows") -> "Rows":
        """Return the rows with others after them."""
        return Rows(np.concatenate([self.table, others.table])) if len(others) else self

    def sorted_by_job(self) -> "Rows":
        """Return the rows job by job, those of a job in the order in which they were recorded."""
        return self._sorted(np.arange(len(self)))

    def _sorted(self, some: Integers) -> "Rows":
        """Return some rows by their places, job by job, with a single copy of them."""
        # Stable: rows of a job stay in the order of recording, which counts more than their times.
        return self.where(some[np.argsort(self.job[some], kind="stable")])

    @property
    def kind(self) -> Integers:
        """What each row records, a `Kind`."""
        return self.column("kind") & KIND_MASK

    @property
    def loop(self) -> Integers:
        """The lane of the event loop that ran each step."""
        return self.column("kind") >> KIND_BITS

    @property
    def job(self) -> Integers:
        """The number of the job that each row is about."""
        return self.column("job")

    @property
    def start_ns(self) -> Integers:
        """When what a row records began."""
        return self.column("start_ns")

    @property
    def end_ns(self) -> Integers:
        """When what a row records ended."""
        return self.column("end_ns")

    @property
    def then(self) -> Integers:
        """What became of the job, a `Then`, or where it waits for its beginning, a `Birth`."""
        return self.column("detail") & DETAIL_MASK

    @property
    def place(self) -> Integers:
        """The site or the lane of each row."""
        return self.column("detail") >> DETAIL_BITS

    @property
    def is_step(self) -> Booleans:
        """Which rows are pieces of steps of the loop."""
        begins: Booleans = self.kind == Kind.STEP
        goes_on: Booleans = self.kind == Kind.MORE
        return begins | goes_on

    @property
    def is_end(self) -> Booleans:
        """Which rows end a job."""
        return _PART_OF_A_LIFE[self.kind] & (self.then >= FIRST_END)

    @property
    def could_run(self) -> Booleans:
        """Which rows end a job outside of any step that could have run since their `ready_ns`."""
        outside: Booleans = self.kind == Kind.ENDED
        return outside & (self.column("ready_ns") > 0)

    @property
    def is_first_of_job(self) -> Booleans:
        """Which rows are the first of their job, in rows job by job."""
        first = np.ones(len(self), dtype=bool)
        first[1:] = self.job[1:] != self.job[:-1]
        return first

    @property
    def lives(self) -> "Rows":
        """How the lives of jobs went on after their creation, job by job."""
        of_jobs: Booleans = self.job != NOBODY
        return self._sorted(np.flatnonzero(of_jobs & _PART_OF_A_LIFE[self.kind]))

    def of_kind(self, *kinds: Kind) -> "Rows":
        """Return the rows of some kinds, job by job."""
        chosen = np.zeros(KIND_MASK + 1, dtype=np.bool_)
        chosen[list(kinds)] = True
        return self._sorted(np.flatnonzero(chosen[self.kind]))

    def before(self, values: Integers, at_first: Integers | int) -> Integers:
        """Return for each row the value of its job's row before, or `at_first` for the first."""
        # The first value stays unset: no row is before it, so `at_first` is taken there.
        before = np.empty_like(values)
        before[1:] = values[:-1]
        return np.where(self.is_first_of_job, at_first, before)


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

    A snapshot leaves out a loop whose step has ended since: it has its row. While one call
    holds the GIL the child says nothing at all. Then only a step that had held its loop for a
    while is known to go on; anything else ends with the last word.

    Args:
        rows: All that was recorded.
        snapshot: The rows of what was under way at the last word.
        heard_ns: When that was; 0 if it is not known.
        now_ns: The present, or when the run was ended.
    """
    under_way = table_of(snapshot)
    if not len(under_way):
        return _nothing(under_way, max(_known_until_ns(heard_ns, now_ns), _latest(rows)))
    under_way = under_way.where(~np.isin(under_way.loop, _loops_gone_on(rows, under_way)))
    steps = under_way.where(under_way.is_step)
    holds = bool((steps.start_ns <= heard_ns - SURELY_HOLDS_NS).any())
    # whoever ends a run may note the moment before the child's last word arrives
    known_ns = now_ns if holds else _known_until_ns(heard_ns, now_ns)
    until_ns = max(known_ns, _latest(rows), _latest(steps))
    # The row that creates a job may come after the snapshot that has it, or past the cap.
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


def _nothing(no_rows: Rows, until_ns: int) -> Unended:
    return Unended(steps=no_rows, held=no_rows, ready=no_rows, turns=no_rows, until_ns=until_ns)


def _known_until_ns(heard_ns: int, now_ns: int) -> int:
    """Return the last moment of which something is known where no step is known to go on."""
    return heard_ns if 0 < heard_ns < now_ns - SILENT_NS else now_ns


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
