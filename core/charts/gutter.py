"""The room left of a chart for the names of its rows and of its vertical axes.

Plotly can measure it (`automargin`), but then lays out and draws the whole chart twice.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.text.table import display_width

LEAST_PX = 8
BESIDE_TEXT_PX = 6
LETTER_PX = 0.62
"""The width of a letter for each pixel of its height; digits and most fonts need a little less."""
TITLE_LINES = 1.5


def width_px(axes: Iterable[Mapping[str, Any]], text_px: float) -> int:
    """Return how much room the widest of some vertical axes needs, in a font of this height."""
    return round(max((_axis_px(axis, text_px) for axis in axes), default=0) + LEAST_PX)


def _axis_px(axis: Mapping[str, Any], text_px: float) -> float:
    names = axis.get("ticktext", ()) if axis.get("showticklabels", True) else ()
    letters = max((display_width(name) for name in names), default=0)
    named_px = letters * LETTER_PX * text_px + BESIDE_TEXT_PX if letters else 0
    return named_px + (TITLE_LINES * text_px if axis.get("title", {}).get("text") else 0)
