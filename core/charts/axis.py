"""The time axis that the plots of a chart share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.timeline import Integers
from core.units import NS_PER_MS, NS_PER_S
from core.words import _

MARGIN_SHARE = 0.02

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """Time since a run's start: in milliseconds, from two seconds on in seconds.

    `before_ns` of the time before the start are shown, too.
    """

    end_ns: int
    before_ns: int = 0

    @property
    def unit_ns(self) -> int:
        """How many nanoseconds one unit of the axis is."""
        return NS_PER_S if self.end_ns >= 2 * NS_PER_S else NS_PER_MS

    def scaled(self, times_ns: Integers) -> Floats:
        """Return nanoseconds in the unit of the axis."""
        return times_ns / self.unit_ns

    @property
    def title(self) -> str:
        """The name of the axis with its unit."""
        if self.unit_ns == NS_PER_S:
            return _("time since start (s)")
        return _("time since start (ms)")

    @property
    def range(self) -> tuple[float, float]:
        """The first and the last value to show, with a little air at both ends."""
        end = self.end_ns / self.unit_ns or 1.0
        return -end * MARGIN_SHARE / 4 - self.before_ns / self.unit_ns, end * (1 + MARGIN_SHARE)
