"""The rows of a recording as a table, with the event layout's columns by name."""

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
from core.timeline.timeline import Booleans, Integers

NO_PART_OF_A_LIFE = (
    *(Kind.CREATED, Kind.HELD, Kind.CANCELLED, Kind.UNCANCELLED),
    *(Kind.TURN, Kind.COLLECTED),
)
"""Rows that tell of a job, but not how its life went on."""


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
        return self.where(some[np.argsort(self.job[some], kind="stable")])

    @property
    def kind(self) -> Integers:
        """What each row tells, a `Kind`."""
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
        """When what a row tells began."""
        return self.column("start_ns")

    @property
    def end_ns(self) -> Integers:
        """When what a row tells ended."""
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
        of_a_life: Booleans = ~np.isin(self.kind, NO_PART_OF_A_LIFE)
        return of_a_life & (self.then >= FIRST_END)

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
        return self._sorted(np.flatnonzero(of_jobs & ~np.isin(self.kind, NO_PART_OF_A_LIFE)))

    def of_kind(self, *kinds: Kind) -> "Rows":
        """Return the rows of some kinds, job by job."""
        return self._sorted(np.flatnonzero(np.isin(self.kind, kinds)))

    def before(self, values: Integers, at_first: Integers | int) -> Integers:
        """Return for each row the value of its job's row before, or `at_first` for the first."""
        return np.where(self.is_first_of_job, at_first, np.roll(values, 1))
