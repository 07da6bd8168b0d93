"""The strips: narrow plots below a run that share its time axis."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.charts.figure import Plot
from core.charts.in_flight import draw_in_flight_strip
from core.charts.loop import count_bands, draw_loop_strip
from core.charts.transcript import draw_transcript
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
    Strip.LOOP: StripKind(height_px=28, draw=draw_loop_strip, bands=count_bands),
    Strip.FLIGHT: StripKind(height_px=64, draw=draw_in_flight_strip),
    Strip.LOG: StripKind(height_px=28, draw=draw_transcript),
}
