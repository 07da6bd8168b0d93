"""How a figure looks: the ink of its texts, and its sizes on a page or on the wall of a hall.

Whoever draws gets the style as an argument and asks it for each size, so a chart that is projected
is made so from the start: larger, and with nothing on it too small for the back row.
"""

from dataclasses import dataclass
from typing import Any

from core.analysis.span_classes import ON_LIGHT

QUIET, GUESSED = "#808080", "#B8860B"
SHADE, OUTLINE = "rgba(128,128,128,0.18)", "rgba(128,128,128,0.10)"
GRID = "rgba(128,128,128,0.3)"
"""Plotly draws the grid over pictures: it must let them be seen."""
ON_LIGHT_PAPER, ON_DARK_PAPER = "rgba(255,255,255,0.6)", "rgba(0,0,0,0.6)"
BRIGHT_FROM = 3 * 128
"""The sum of red, green and blue from which an ink is one for dark paper."""

IDEAL_RANK, MARKS_RANK, GUESS_RANK = 1, 10, 100
"""Where in a legend stands what is no state; those of spans are the ranks of their classes."""

TEXT_FACTOR, HEIGHT_FACTOR = 1.35, 1.1
"""A hall's chart grows less than its texts: three runs of five jobs must be seen at once there."""
LEAST_TEXT_PX = 18
LABELLED_BAR_PX, PROJECTED_LABELLED_BAR_PX = 13.5, 17
PLOTLY_TEXT_PX = 12
SMALL_PX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The look of one figure; all sizes are given as they are on a page, and returned as needed.

    Attributes:
        ink: The colour of all texts; None leaves it to the page's theme, taken for a light one.
        is_projected: Whether it is seen from far away.
    """

    ink: str | None = None
    is_projected: bool = False

    def text_px(self, usual_px: float) -> float:
        """Return the size of a text; in a hall none is smaller than `LEAST_TEXT_PX`."""
        if not self.is_projected:
            return usual_px
        return max(LEAST_TEXT_PX, round(usual_px * TEXT_FACTOR, 1))

    def font(self, usual_px: float) -> dict[str, Any]:
        """Return the settings of a text in the ink of the figure."""
        return {"size": self.text_px(usual_px), "color": self.ink}

    def small(self, line: str) -> str:
        """Return a line of small text below a title, as Plotly's own HTML."""
        return f'<br><span style="font-size:{self.text_px(SMALL_PX)}px">{line}</span>'

    def mark_px(self, usual_px: float) -> float:
        """Return the size of a mark."""
        return usual_px * TEXT_FACTOR if self.is_projected else usual_px

    def width_px(self, usual_px: float) -> float:
        """Return a width, or a distance from a text."""
        return usual_px * TEXT_FACTOR if self.is_projected else usual_px

    def margin(
        self, *, sides_px: tuple[float, float], ends_px: tuple[float, float]
    ) -> dict[str, int]:
        """Return the margins at the left and right, where texts stand, and above and below."""
        left_px, right_px = (round(self.width_px(side)) for side in sides_px)
        top_px, bottom_px = (self.height_px(end) for end in ends_px)
        return {"l": left_px, "r": right_px, "t": top_px, "b": bottom_px}

    def height_px(self, usual_px: float) -> int:
        """Return a height, in whole pixels."""
        return round(usual_px * HEIGHT_FACTOR) if self.is_projected else round(usual_px)

    def holds_text(self, bar_px: float) -> bool:
        """Tell whether a text fits into a bar that is so high on a page."""
        if bar_px < LABELLED_BAR_PX:
            return False
        return not self.is_projected or bar_px * HEIGHT_FACTOR >= PROJECTED_LABELLED_BAR_PX

    def plotly_font(self) -> dict[str, Any]:
        """Return the settings of texts that have no size of their own; empty for Plotly's own."""
        return {"font": {"size": self.text_px(PLOTLY_TEXT_PX)}} if self.is_projected else {}

    @property
    def line_ink(self) -> str:
        """The colour of a line that must be seen upon everything."""
        return self.ink or ON_LIGHT

    @property
    def paper(self) -> str:
        """The colour below such a line: the opposite of its ink, half transparent."""
        is_bright = sum(bytes.fromhex(self.line_ink.removeprefix("#"))) >= BRIGHT_FROM
        return ON_DARK_PAPER if is_bright else ON_LIGHT_PAPER


USUAL = Style()
"""The style of a page that does not know its theme."""
