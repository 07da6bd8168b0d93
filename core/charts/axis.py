"""The time axis that the plots of a chart share, and the window of it that is in view."""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from core.text.language import _
from core.text.numbers import NS_PER_MS, NS_PER_S, NS_PER_US
from core.timeline.timeline import Booleans, Integers, Timeline

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time since the runs' start, in nanoseconds, and of jobs.

    `jobs` are the numbers of the first and the last job in view, counted from 0; None shows all.

    Raises:
        ValueError: On creation, if nothing could be in the window.
    """

    start_ns: int
    end_ns: int
    jobs: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Check that something could be in the window."""
        if self.end_ns <= self.start_ns:
            raise ValueError(f"a window from {self.start_ns} to {self.end_ns} ns is empty")
        if self.jobs is not None and not 0 <= self.jobs[0] <= self.jobs[1]:
            raise ValueError(f"a window of the jobs {self.jobs[0]} to {self.jobs[1]} is empty")

    def shows(self, timeline: Timeline) -> Booleans:
        """Return which spans of a timeline are in the window, wholly or in part.

        A span that only touches an edge of the window is outside; one without a length is inside
        if it is where the window begins, or after.
        """
        spans = timeline.spans
        inside = (spans.start_ns < self.end_ns) & (spans.end_ns > self.start_ns)
        inside |= (spans.start_ns == spans.end_ns) & self._holds(spans.start_ns)
        if self.jobs is not None:
            inside &= (spans.job >= self.jobs[0]) & (spans.job <= self.jobs[1])
        return inside

    def _holds(self, times_ns: Integers) -> Booleans:
        held: Booleans = (times_ns >= self.start_ns) & (times_ns < self.end_ns)
        return held


UNITS_NS = {"s": NS_PER_S, "ms": NS_PER_MS, "us": NS_PER_US, "ns": 1}
LATEST_NS = 86_400 * NS_PER_S
TIME = r"(\d{1,12}(?:\.\d{1,9})?)(s|ms|us|ns)"
WORD = re.compile(rf"{TIME}-{TIME}(?:_jobs(\d{{1,9}})-(\d{{1,9}}))?", re.ASCII)


def as_word(window: Window) -> str:
    """Return a window as one word that a URL shows as it is: `120ms-340ms_jobs11-40`.

    It is exact, and counts jobs from 1, as people do.
    """
    word = f"{_time_word(window.start_ns)}-{_time_word(window.end_ns)}"
    if window.jobs is None:
        return word
    first, last = window.jobs
    return f"{word}_jobs{first + 1}-{last + 1}"


def from_word(word: str) -> Window:
    """Return the window that `as_word` wrote, or somebody by hand.

    Raises:
        ValueError: If it is not written so, holds nothing, or lies beyond a day.
    """
    found = WORD.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no window; one is written 120ms-340ms_jobs11-40")
    start, start_unit, end, end_unit, first, last = found.groups()
    return Window(
        start_ns=_time_ns(start, start_unit),
        end_ns=_time_ns(end, end_unit),
        jobs=None if first is None else (int(first) - 1, int(last) - 1),
    )


def _time_word(time_ns: int) -> str:
    for unit, unit_ns in UNITS_NS.items():
        if time_ns >= unit_ns:
            number = f"{Decimal(time_ns) / unit_ns:f}"
            return (number.rstrip("0").rstrip(".") if "." in number else number) + unit
    return "0ms"


def _time_ns(number: str, unit: str) -> int:
    time_ns = Decimal(number) * UNITS_NS[unit]
    if time_ns != int(time_ns):
        raise ValueError(f"{number}{unit} is not a whole number of nanoseconds")
    if time_ns > LATEST_NS:
        raise ValueError(f"{number}{unit} is later than any run may last")
    return int(time_ns)


def window_text(window: Window, tasks: int) -> str:
    """Return what a window shows, to a hundredth of its length, as a caption.

    `120 ms to 340 ms, jobs 11 to 40 of 1,000`; the unit is that of the axis.
    """
    unit_ns = TimeAxis(end_ns=window.end_ns).unit_ns
    digits = len(str(window.end_ns - window.start_ns))
    decimals = max(0, len(str(unit_ns)) + 2 - digits)
    unit = "s" if unit_ns == NS_PER_S else "ms"
    stretch = _("{start} to {end}").format(
        start=f"{window.start_ns / unit_ns:,.{decimals}f} {unit}",
        end=f"{window.end_ns / unit_ns:,.{decimals}f} {unit}",
    )
    if window.jobs is None:
        return stretch
    first, last = window.jobs[0] + 1, min(window.jobs[1] + 1, tasks)
    if first == last:
        return _("{stretch}, job {number:,} of {tasks:,}").format(
            stretch=stretch, number=first, tasks=tasks
        )
    return _("{stretch}, jobs {first:,} to {last:,} of {tasks:,}").format(
        stretch=stretch, first=first, last=last, tasks=tasks
    )
