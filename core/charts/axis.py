"""What the axes of a chart mean, and the window of time and jobs that is in view.

The server draws the window. A box that somebody draws in a chart is translated by what the figure
notes of the axes of each plot (`layout.meta`), so it is understood also where runs have axes of
their own. One window is shared by all runs of a chart; in rows of workers only its time counts.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from core.text.language import NS_PER_MS, NS_PER_S, NS_PER_US, _
from core.timeline.timeline import Booleans, Integers, Timeline

# Air after the last moment: an end line there would be cut in half by the edge of the plot.
MARGIN_SHARE = 0.02

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """Time since a run's start: in milliseconds, from two seconds on in seconds.

    `before_ns` of the time before the start are shown, too. An axis with a `start_ns` shows the
    stretch from there to `end_ns` and nothing else; without one it begins with the runs.

    A child process that began `origin_ns` after the first process stands so much later on the axis
    that they share. All other times here count from the beginning of the run that is drawn.
    """

    end_ns: int
    before_ns: int = 0
    start_ns: int | None = None
    origin_ns: int = 0

    @property
    def first_ns(self) -> int:
        """The first moment of the runs that is shown."""
        return self.start_ns or 0

    @property
    def length_ns(self) -> int:
        """How much of the runs' time is shown."""
        return self.end_ns - (-self.origin_ns if self.start_ns is None else self.start_ns)

    @property
    def unit_ns(self) -> int:
        """How many nanoseconds one unit of the axis is."""
        # So the numbers of an axis have four digits at most, which fit side by side on a phone.
        return NS_PER_S if self.end_ns + self.origin_ns >= 2 * NS_PER_S else NS_PER_MS

    @property
    def unit(self) -> str:
        """The sign of that unit."""
        return "s" if self.unit_ns == NS_PER_S else "ms"

    def scaled(self, lengths_ns: Integers) -> Floats:
        """Return lengths of time in the unit of the axis."""
        return lengths_ns / self.unit_ns

    def at(self, times_ns: Integers) -> Floats:
        """Return where moments of the run stand on the axis."""
        return (times_ns + self.origin_ns) / self.unit_ns

    def at_one(self, time_ns: float) -> float:
        """Return where one moment of the run stands on the axis."""
        return (time_ns + self.origin_ns) / self.unit_ns

    def clipped(self, times_ns: Integers) -> Integers:
        """Return times, those out of view moved to the nearer end of what an axis part shows."""
        if self.start_ns is None:
            return times_ns
        # Clipped here, as the text of a bar stands at its start: of one that began before the view
        # it would be out of sight.
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
            return self.at_one(self.start_ns), self.at_one(self.end_ns)
        # Plotly widens a range of no length by one unit to both sides.
        end = self.at_one(self.end_ns) or 1.0
        return -end * MARGIN_SHARE / 4 - self.before_ns / self.unit_ns, end * (1 + MARGIN_SHARE)


LATEST_NS = 86_400 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time since the runs' start, in nanoseconds, and of jobs.

    `jobs` are the numbers of the first and the last job in view, counted from 0; None shows all.
    A window of jobs alone ends at `LATEST_NS`, so it shows all of their time, also of a later run.

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

    @property
    def shows_all_time(self) -> bool:
        """Whether it is a window of jobs alone."""
        return self.start_ns == 0 and self.end_ns == LATEST_NS

    def shows(self, timeline: Timeline) -> Booleans:
        """Return which spans of a timeline are in the window, wholly or in part.

        A span that only touches an edge of the window is outside; one without a length is inside
        if it is where the window begins, or after.
        """
        spans = timeline.spans
        inside = (spans.start_ns < self.end_ns) & (spans.end_ns > self.start_ns)
        # The comparison above loses spans of no length at the first moment of the window.
        inside |= (spans.start_ns == spans.end_ns) & self._holds(spans.start_ns)
        if self.jobs is not None:
            inside &= (spans.job >= self.jobs[0]) & (spans.job <= self.jobs[1])
        return inside

    def of_run(self, began_ns: int) -> "Window":
        """Return the window in the time of a run that began so long after the axis does."""
        if self.shows_all_time or not began_ns:
            return self
        return replace(self, start_ns=self.start_ns - began_ns, end_ns=self.end_ns - began_ns)

    def _holds(self, times_ns: Integers) -> Booleans:
        held: Booleans = (times_ns >= self.start_ns) & (times_ns < self.end_ns)
        return held


UNITS_NS = {"s": NS_PER_S, "ms": NS_PER_MS, "us": NS_PER_US, "ns": 1}
# Lengths are bounded, as anybody may write a URL.
TIME = r"(\d{1,12}(?:\.\d{1,9})?)(s|ms|us|ns)"
JOBS = r"jobs(\d{1,9})-(\d{1,9})"
WORD = re.compile(rf"{TIME}-{TIME}(?:_{JOBS})?", re.ASCII)
WORD_OF_JOBS = re.compile(JOBS, re.ASCII)


def as_word(window: Window) -> str:
    """Return a window as one word that a URL shows as it is: `120ms-340ms_jobs11-40`, `jobs11-40`.

    It is exact, and counts jobs from 1, as people do.
    """
    if window.jobs is not None and window.shows_all_time:
        return f"jobs{window.jobs[0] + 1}-{window.jobs[1] + 1}"
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
    if of_jobs := WORD_OF_JOBS.fullmatch(word):
        first, last = of_jobs.groups()
        return Window(start_ns=0, end_ns=LATEST_NS, jobs=(int(first) - 1, int(last) - 1))
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
    stretch = "" if window.shows_all_time else _stretch_text(window)
    if window.jobs is None:
        return stretch
    first, last = window.jobs[0] + 1, min(window.jobs[1] + 1, tasks)
    if first == last:
        jobs = _("job {number:,} of {tasks:,}").format(number=first, tasks=tasks)
    else:
        text = _("jobs {first:,} to {last:,} of {tasks:,}")
        jobs = text.format(first=first, last=last, tasks=tasks)
    return ", ".join(filter(None, (stretch, jobs)))


def _stretch_text(window: Window) -> str:
    unit_ns = TimeAxis(end_ns=window.end_ns).unit_ns
    digits = len(str(window.end_ns - window.start_ns))
    decimals = max(0, len(str(unit_ns)) + 2 - digits)
    unit = "s" if unit_ns == NS_PER_S else "ms"
    return _("{start} to {end}").format(
        start=f"{window.start_ns / unit_ns:,.{decimals}f} {unit}",
        end=f"{window.end_ns / unit_ns:,.{decimals}f} {unit}",
    )


PLACES = "places"
# A box is written in three digits of its length: nobody aims better than a hundredth of it.
ROUND_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotAxes:
    """What the axes of one plot mean.

    Attributes:
        unit_ns: The unit of the horizontal axis, which counts from the runs' start.
        first_job: The number of the job at 0 on the vertical axis; None if that shows no jobs.
        jobs: How many jobs the plot shows, one unit of the vertical axis each.
        numbers: Their numbers, where some between the first and the last are missing.
    """

    unit_ns: int
    first_job: int | None = None
    jobs: int = 0
    numbers: tuple[int, ...] = ()

    def number_of(self, row: int) -> int:
        """Return the number of the job in a row."""
        return self.numbers[row] if self.numbers else (self.first_job or 0) + row


def noted(of_plots: Mapping[str, PlotAxes]) -> dict[str, Any]:
    """Return what a figure notes (`layout.meta`) of the axes of its plots, by names as `x2 y2`."""
    return {PLACES: {name: asdict(axes) for name, axes in of_plots.items()}}


def window_of(
    box: Mapping[str, Any], of_plots: Mapping[str, PlotAxes], within: Window | None = None
) -> Window | None:
    """Return the window that a box stands for, inside of the one that the chart shows.

    Its edges are moved outward to round numbers, by less than a hundredth of its length, so that
    they can be written shortly. A job is in it if the box touches its row; a box over all jobs
    leaves them as they are.

    Args:
        box: Of Plotly: `xref` and `yref` name the axes, `x` and `y` give two corners.
        of_plots: What the axes of the figure mean, by their names.
        within: The window that the chart shows now; None if it shows all.

    Returns:
        None if the box is in no plot of the figure, or holds no time since the runs' start.
    """
    axes = of_plots.get(f"{box['xref']} {box['yref']}")
    if axes is None:
        return None
    start_ns, end_ns = (round(corner * axes.unit_ns) for corner in sorted(box["x"]))
    first_ns, last_ns = (within.start_ns, within.end_ns) if within else (0, end_ns + 1)
    if min(end_ns, last_ns) <= max(start_ns, first_ns):
        return None
    grain_ns = 10 ** max(0, len(str(end_ns - start_ns)) - ROUND_DIGITS)
    start_ns = max(first_ns, start_ns // grain_ns * grain_ns)
    end_ns = -(-end_ns // grain_ns) * grain_ns
    if within is not None:
        end_ns = min(end_ns, last_ns)
    return Window(start_ns=start_ns, end_ns=end_ns, jobs=_jobs(box["y"], axes, within))


def _jobs(
    corners: Sequence[float], axes: PlotAxes, within: Window | None
) -> tuple[int, int] | None:
    before = within.jobs if within else None
    if axes.first_job is None or not axes.jobs:
        return before
    low, high = sorted(corners)
    # Rows lie around whole numbers: half a unit above and below belongs to each.
    first = min(max(0, math.floor(low + 0.5)), axes.jobs - 1)
    last = min(max(first, math.ceil(high - 0.5)), axes.jobs - 1)
    if before is None and (first, last) == (0, axes.jobs - 1):
        return None
    return axes.number_of(first), axes.number_of(last)
