"""From a box that somebody draws in a chart to the window it stands for.

A figure notes for each of its plots what the numbers on the axes mean (`layout.meta`), so a box is
understood by the plot it was drawn in, also where each run has an axis of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.charts.axis import Window

PLACES = "places"
ROUND_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
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


def noted(places: Mapping[str, Place]) -> dict[str, Any]:
    """Return what a figure notes (`layout.meta`) of the axes of its plots, by names as `x2 y2`."""
    return {PLACES: {name: asdict(place) for name, place in places.items()}}


def window_of(
    box: Mapping[str, Any], places: Mapping[str, Place], within: Window | None = None
) -> Window | None:
    """Return the window that a box stands for, inside of the one that the chart shows.

    Its edges are moved outward to round numbers, by less than a hundredth of its length, so that
    they can be written shortly. A job is in it if the box touches its row; a box over all jobs
    leaves them as they are.

    Args:
        box: Of Plotly: `xref` and `yref` name the axes, `x` and `y` give two corners.
        places: What the axes of the figure mean, by their names.
        within: The window that the chart shows now; None if it shows all.

    Returns:
        None if the box is in no plot of the figure, or holds no time since the runs' start.
    """
    place = places.get(f"{box['xref']} {box['yref']}")
    if place is None:
        return None
    start_ns, end_ns = (round(corner * place.unit_ns) for corner in sorted(box["x"]))
    first_ns, last_ns = (within.start_ns, within.end_ns) if within else (0, end_ns + 1)
    if min(end_ns, last_ns) <= max(start_ns, first_ns):
        return None
    grain_ns = 10 ** max(0, len(str(end_ns - start_ns)) - ROUND_DIGITS)
    start_ns = max(first_ns, start_ns // grain_ns * grain_ns)
    end_ns = -(-end_ns // grain_ns) * grain_ns
    if within is not None:
        end_ns = min(end_ns, last_ns)
    return Window(start_ns=start_ns, end_ns=end_ns, jobs=_jobs(box["y"], place, within))


def _jobs(corners: Sequence[float], place: Place, within: Window | None) -> tuple[int, int] | None:
    before = within.jobs if within else None
    if place.first_job is None or not place.jobs:
        return before
    low, high = sorted(corners)
    first = min(max(0, math.floor(low + 0.5)), place.jobs - 1)
    last = min(max(first, math.ceil(high - 0.5)), place.jobs - 1)
    if before is None and (first, last) == (0, place.jobs - 1):
        return None
    return place.number_of(first), place.number_of(last)
