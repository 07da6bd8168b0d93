"""A chart as it is projected in a hall: larger, and nothing on it too small for the back row."""

import re

import plotly.graph_objects as go

from core.charts.exact_lanes import BAR_PX

FACTOR = 1.35
HEIGHT_FACTOR = 1.1
"""The chart grows less than its texts: three runs of five jobs shall be seen at once in a hall."""
LEAST_PX = 18
LEAST_BAR_PX = 17

_INLINE_SIZE = re.compile(r"font-size:\s*(\d+)px")


def project(figure: go.Figure) -> None:
    """Enlarge a figure, its texts most: none of them is smaller than `LEAST_PX` then."""
    layout = figure.layout
    layout.height = round(layout.height * HEIGHT_FACTOR)
    layout.margin.update(
        {side: round(size * factor) for side, size, factor in _sides(layout.margin)}
    )
    layout.font.size = _enlarged(layout.font.size)
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.tickfont.size = _enlarged(axis.tickfont.size)
        axis.title.font.size = _enlarged(axis.title.font.size)
    for note in layout.annotations:
        _enlarge_note(note)
    layout.legend.font.size = _enlarged(layout.legend.font.size)
    layout.hoverlabel.font.size = _enlarged(layout.hoverlabel.font.size)
    for trace in figure.data:
        _enlarge_trace(trace)


def _enlarge_note(note: go.layout.Annotation) -> None:
    note.font.size = _enlarged(note.font.size)
    note.yshift = (note.yshift or 0) * FACTOR
    note.text = _INLINE_SIZE.sub(
        lambda found: f"font-size:{_enlarged(int(found[1]))}px", note.text or ""
    )


def _enlarge_trace(trace: go.Trace) -> None:
    if "textfont" in trace:
        trace.textfont.size = _enlarged(trace.textfont.size)
        if (trace.meta or {}).get(BAR_PX, LEAST_PX) * HEIGHT_FACTOR < LEAST_BAR_PX:
            trace.text = None
    marker = trace.marker if "marker" in trace else None
    if marker is not None and "size" in marker and isinstance(marker.size, int | float):
        marker.size *= FACTOR


def _sides(margin: go.layout.Margin) -> list[tuple[str, float, float]]:
    """Return each margin that is set and its factor: at the sides stand texts."""
    factors = {"l": FACTOR, "r": FACTOR, "t": HEIGHT_FACTOR, "b": HEIGHT_FACTOR}
    sides = ((side, margin[side], factor) for side, factor in factors.items())
    return [each for each in sides if each[1] is not None]


def _enlarged(size: float | None) -> float:
    """Return a size in pixels; a text without one has Plotly's own 12."""
    return max(LEAST_PX, round((size or 12) * FACTOR, 1))
