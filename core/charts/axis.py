"""The time axis that the plots of a chart share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.text.language import _
from core.text.numbers import NS_PER_MS, NS_PER_S
from core.timeline.timeline import Integers

MARGIN_SHARE = 0.02

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """Time since a run's start: in milliseconds, from two seconds on in seconds.

    `before_ns` of the time before the start are shown, too. An axis with a `start_ns` shows the
    stretch from there to `end_ns` and nothing else; without one it begins with the runs.
    """

    end_ns: int
    before_ns: int = 0
    start_ns: int | None = None

    @property
    def first_ns(self) -> int:
        """The first moment of the runs that is shown."""
        return self.start_ns or 0

    @property
    def length_ns(self) -> int:
        """How much of the runs' time is shown."""
        return self.end_ns - self.first_ns

    @property
    def unit_ns(self) -> int:
        """How many nanoseconds one unit of the axis is."""
        return NS_PER_S if self.end_ns >= 2 * NS_PER_S else NS_PER_MS

    @property
    def unit(self) -> str:
        """The sign of that unit."""
        return "s" if self.unit_ns == NS_PER_S else "ms"

    def scaled(self, times_ns: Integers) -> Floats:
        """Return nanoseconds in the unit of the axis."""
        return times_ns / self.unit_ns

    def clipped(self, times_ns: Integers) -> Integers:
        """Return times, those out of view moved to the nearer end of what an axis part shows."""
        if self.start_ns is None:
            return times_ns
        return np.clip(times_ns, self.start_ns, self.end_ns)

    def shows(self, time_ns: int) -> bool:
        """Whether a moment is in view."""
        return self.start_ns is None or self.start_ns <= time_ns <= self.end_ns

    @property
    def title(self) -> str:
        """The name of the axis with its unit."""
        if self.unit_ns == NS_PER_S:
            return _("time since start (s)")
        return _("time since start (ms)")

    @property
    def range(self) -> tuple[float, float]:
        """The first and the last value to show, with a little air at both ends."""
        if self.start_ns is not None:
            return self.start_ns / self.unit_ns, self.end_ns / self.unit_ns
        end = self.end_ns / self.unit_ns or 1.0
        return -end * MARGIN_SHARE / 4 - self.before_ns / self.unit_ns, end * (1 + MARGIN_SHARE)
