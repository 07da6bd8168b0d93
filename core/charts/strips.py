"""The strips: narrow plots below a run that share its time axis."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.charts import flight_strip, log_strip, loop_strip
from core.charts.plot import Plot
from core.timeline.timeline import Timeline


class Strip(StrEnum):
    """What a strip shows."""

    LOOP = "loop"
    FLIGHT = "flight"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripKind:
    """How high a band of a strip is, and what draws it; the timeline is None for a run yet to come.

    `bands` returns how many bands the strip of a run has.
    """

    height_px: int
    draw: Callable[[Plot, Timeline | None], None]
    bands: Callable[[Timeline | None], int] = lambda timeline: 1  # noqa: ARG005

    def height_of(self, timeline: Timeline | None) -> int:
        """Return how high the strip of a run is."""
        return self.height_px * self.bands(timeline)


STRIPS = {
    Strip.LOOP: StripKind(height_px=28, draw=loop_strip.draw, bands=loop_strip.count_bands),
    Strip.FLIGHT: StripKind(height_px=64, draw=flight_strip.draw),
    Strip.LOG: StripKind(height_px=28, draw=log_strip.draw),
}
