"""Time cut into bins of equal width, and exactly how much of many spans lies in each."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from core.timeline.timeline import Booleans, Integers

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
        """Return at most `most` bins over a stretch of time; at least one."""
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

    def coarser(self, size: int) -> "Bins":
        """Return bins that are each `size` of these."""
        width_ns = self.width_ns * size
        return Bins(start_ns=self.start_ns, end_ns=self.end_ns, width_ns=width_ns)

    def index(self, times_ns: Integers) -> Integers:
        """Return in which bin each time is."""
        return (times_ns - self.start_ns) // self.width_ns

    def split(self, times_ns: Integers) -> tuple[Integers, Integers]:
        """Return in which bin each time is, and how far from the beginning of that bin."""
        offset_ns = times_ns - self.start_ns
        index = offset_ns // self.width_ns
        offset_ns -= index * self.width_ns
        return index, offset_ns


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
        start_ns, end_ns = self.start_ns, self.end_ns
        if start_ns.min(initial=bins.start_ns) < bins.start_ns:
            start_ns = np.maximum(start_ns, bins.start_ns)
        if end_ns.max(initial=bins.end_ns) > bins.end_ns:
            end_ns = np.minimum(end_ns, bins.end_ns)
        clipped = Stretches(row=self.row, start_ns=start_ns, end_ns=end_ns)
        inside = start_ns < end_ns
        return clipped if inside.all() else clipped.chosen(inside)


def amounts(stretches: Stretches, rows: int, bins: Bins) -> Amounts:
    """Return how much of the stretches lies in each bin, for each row.

    The sums are exact as long as one bin holds less than 2**53 ns. A stretch fills the bins from
    the one in which it begins to the one in which it ends; what is too much in the first and in the
    last is set right.
    """
    inside = stretches.within(bins)
    first, since_edge = bins.split(inside.start_ns)
    # An end is the first nanosecond after a stretch: one on an edge belongs to the bin before it.
    last, into_last = bins.split(inside.end_ns - 1)
    until_edge = np.subtract(bins.width_ns - 1, into_last, out=into_last)
    cells = rows * bins.count
    row = inside.row * bins.count
    first += row
    last += row

    def table(found: Floats | Integers) -> Any:
        return found.reshape(rows, bins.count)

    begun = table(np.bincount(first, minlength=cells))
    ended = table(np.bincount(last, minlength=cells))
    # Begun and not ended before, which counts those that end in the bin itself as well.
    under_way = (begun - ended).cumsum(axis=1) + ended
    time_ns = under_way * float(bins.width_ns)
    time_ns -= table(np.bincount(first, weights=since_edge, minlength=cells))
    time_ns -= table(np.bincount(last, weights=until_edge, minlength=cells))
    return Amounts(time_ns=time_ns, begun=begun)


def blocks(values: Column, axis: int, size: int) -> Column:
    """Return the sums over each `size` neighbours along an axis; the last block may be smaller."""
    if size == 1:
        return values
    sums: Column = np.add.reduceat(values, np.arange(0, values.shape[axis], size), axis=axis)
    return sums
