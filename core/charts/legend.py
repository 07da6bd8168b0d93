"""The legend above a chart and the room that it takes: a line on a laptop, several on a phone."""

from collections.abc import Sequence
from typing import Any

from core.charts.stack import TITLE_PX, TOP_PX
from core.text.table import display_width

LINE_PX, AROUND_PX = 21, 11
SIGN_PX, LETTER_PX = 50, 8
PHONE_PX, LAPTOP_PX = 285, 760
"""How wide a legend can be; a page is a laptop's from 1,200 pixels on, see `look.css`."""


def legend_layout(font: dict[str, Any]) -> dict[str, Any]:
    """Return how the legend stands: above the first title, from the right, its lines close."""
    place = {"orientation": "h", "xanchor": "right", "x": 1, "yanchor": "top", "y": 0.995}
    return place | {"yref": "container", "font": font, "tracegroupgap": 0}


def place_above(top_px: float, height_px: float) -> dict[str, Any]:
    """Return where the legend ends: close above what is below it, whether it takes a line or four.

    Args:
        top_px: How far below the figure's upper edge the titles and plots begin.
        height_px: How high the figure is.
    """
    return {"yanchor": "bottom", "y": 1 - top_px / height_px}


def more_room_px(names: Sequence[str]) -> int:
    """Return how much more space than usual a legend needs above a chart.

    It must stand above the first title on a phone, too, where it takes more lines.
    """
    return max(0, TITLE_PX + height_px(names) - TOP_PX)


def height_px(names: Sequence[str]) -> int:
    """Return how high a legend with these names is on a phone."""
    lines = _lines(names, PHONE_PX)
    return lines * LINE_PX + AROUND_PX if lines else 0


def spare_lines(names: Sequence[str]) -> int:
    """Return how many of the lines that a legend may take stay empty on a laptop."""
    return _lines(names, PHONE_PX) - _lines(names, LAPTOP_PX)


def _lines(names: Sequence[str], width_px: int) -> int:
    lines, room_px = 0, 0
    for name in names:
        name_px = SIGN_PX + display_width(name) * LETTER_PX
        if name_px > room_px:
            lines, room_px = lines + 1, width_px
        room_px -= name_px
    return lines
