"""Time cut into bins of equal width, and exactly how much of many spans lies in each."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.timeline import Booleans, Integers

Floats = npt.NDArray[np.float64]
Column = TypeVar("Column", Floats, Integers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """`count` bins of `width_ns` each from `start_ns` on; the last one may reach beyond the end."""

    start_ns: int
    end_ns: int
    width_ns: int

    @classmethod
    def over(cls, start_ns: int, end_ns: int, most: int) -> "Bins":
        """Return at most so many bins over a stretch of time; at least one."""
        length_ns = max(1, end_ns - start_ns)
        return cls(start_ns=start_ns, end_ns=start_ns + length_ns, width_ns=-(-length_ns // most))

    @property
    def count(self) -> int:
        """How many bins there are."""
        return -(-(self.end_ns - self.start_ns) // self.width_ns)

    @property
    def edges_ns(self) -> Integers:
        """Where the bins begin, and where the last one ends."""
        return self.start_ns + self.width_ns * np.arange(self.count + 1)

    def index(self, times_ns: Integers) -> Integers:
        """Return in which bin each time is."""
        return (times_ns - self.start_ns) // self.width_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What lies in each bin, by row: nanoseconds, and how many spans begin there.

    Both are arrays of rows and bins. A span that began before the first bin counts in it.
    """

    time_ns: Floats
    begun: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """Spans to be counted: from when to when each lasts, and in which row it counts."""

    row: Integers
    start_ns: Integers
    end_ns: Integers

    def chosen(self, mask: Booleans) -> "Stretches":
        """Return some of the stretches only."""
        return Stretches(row=self.row[mask], start_ns=self.start_ns[mask], end_ns=self.end_ns[mask])

    def within(self, bins: Bins) -> "Stretches":
        """Return what of the stretches lies in the bins; what has no length there is left out."""
        start_ns = np.maximum(self.start_ns, bins.start_ns)
        end_ns = np.minimum(self.end_ns, bins.end_ns)
        clipped = Stretches(row=self.row, start_ns=start_ns, end_ns=end_ns)
        inside = start_ns < end_ns
        return clipped if inside.all() else clipped.chosen(inside)


def amounts(stretches: Stretches, rows: int, bins: Bins) -> Amounts:
    """Return how much of the stretches lies in each bin, for each row.

    The sums are exact as long as one bin holds less than 2**53 ns. A stretch fills the bins after
    the one in which it begins, up to the one in which it ends; what is missing from the first and
    what is too much in the last is set right.
    """
    inside = stretches.within(bins)
    first = bins.index(inside.start_ns)
    last = bins.index(inside.end_ns - 1)
    since_edge = inside.start_ns - bins.start_ns - first * bins.width_ns
    until_edge = (last + 1) * bins.width_ns - (inside.end_ns - bins.start_ns)
    cells = rows * bins.count

    def summed(cell: Integers, weights: Integers | None = None) -> Floats:
        found = np.bincount(cell, weights=weights, minlength=cells)
        table: Floats = found.reshape(rows, bins.count).astype(np.float64)
        return table

    row = inside.row * bins.count
    first, last = row + first, row + last
    begun, ended = summed(first), summed(last)
    open_before = (begun - ended).cumsum(axis=1) - (begun - ended)
    whole = (open_before + begun) * float(bins.width_ns)
    time_ns = whole - summed(first, since_edge) - summed(last, until_edge)
    return Amounts(time_ns=time_ns, begun=begun.astype(np.int64))


def blocks(values: Column, axis: int, size: int) -> Column:
    """Return the sums over each `size` neighbours along an axis; the last block may be smaller."""
    if size == 1:
        return values
    sums: Column = np.add.reduceat(values, np.arange(0, values.shape[axis], size), axis=axis)
    return sums
