"""How a figure is laid out: plots below one another, the room for row names, the legend above."""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.figure import Plot, Sheet, axis_key, axis_name
from core.text.legible import display_width, legible

TITLE_PX, SECOND_LINE_PX = 52, 18
STRIP_GAP_PX = 6
TOP_PX, BOTTOM_PX = 84, 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One plot of the stack; a strip has no title and stands close below the plot above it."""

    height_px: float
    title: str = ""
    is_strip: bool = False

    @property
    def gap_px(self) -> int:
        """The space above the plot."""
        if self.is_strip:
            return STRIP_GAP_PX
        return TITLE_PX + SECOND_LINE_PX * self.title.count("<br>")


def as_text(text: str) -> str:
    """Return a text so that Plotly shows it as it is, not as HTML; quotes need no care there."""
    return html.escape(legible(text), quote=False)


def stacked(rows: Sequence[Row], axis: TimeAxis, ink: str | None = None) -> list[Plot]:
    """Return one empty plot for each row, of the height that it asks for, in one figure."""
    sheet = Sheet(ink=ink)
    plots = [
        Plot(sheet=sheet, axis=axis, x=axis_name("x", number), y=axis_name("y", number))
        for number in range(1, len(rows) + 1)
    ]
    total_px = sum(row.height_px + row.gap_px for row in rows) - rows[0].gap_px
    bottom_px = total_px + rows[0].gap_px
    for row, plot in zip(rows, plots, strict=True):
        bottom_px -= row.height_px + row.gap_px
        top = (bottom_px + row.height_px) / total_px
        domain = [max(0, bottom_px / total_px), min(1, top)]
        sheet.layout[axis_key(plot.y)] = {"anchor": plot.x, "domain": domain}
        sheet.layout[axis_key(plot.x)] = {"anchor": plot.y, "domain": [0, 1]}
        if plot is not plots[-1]:
            sheet.layout[axis_key(plot.x)] |= {"matches": plots[-1].x, "showticklabels": False}
        if row.title:
            sheet.add_title(row.title, top)
        sheet.places[plot.name] = Place(unit_ns=axis.unit_ns)
    sheet.layout.update(
        height=round(total_px + TOP_PX + BOTTOM_PX),
        margin={"l": 8, "r": 8, "t": TOP_PX, "b": BOTTOM_PX},
    )
    return plots


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
    return max(0, TITLE_PX + legend_px(names) - TOP_PX)


def legend_px(names: Sequence[str]) -> int:
    """Return how high a legend with these names is on a phone."""
    lines = _legend_lines(names, PHONE_PX)
    return lines * LINE_PX + AROUND_PX if lines else 0


def spare_lines(names: Sequence[str]) -> int:
    """Return how many of the lines that a legend may take stay empty on a laptop."""
    return _legend_lines(names, PHONE_PX) - _legend_lines(names, LAPTOP_PX)


def _legend_lines(names: Sequence[str], width_px: int) -> int:
    lines, room_px = 0, 0
    for name in names:
        name_px = SIGN_PX + display_width(name) * LETTER_PX
        if name_px > room_px:
            lines, room_px = lines + 1, width_px
        room_px -= name_px
    return lines


LEAST_GUTTER_PX = 8
BESIDE_TEXT_PX = 6
LETTER_SHARE = 0.62
"""The width of a letter for each pixel of its height; digits and most fonts need a little less."""
TITLE_LINES = 1.5


def gutter_px(axes: Iterable[Mapping[str, Any]], text_px: float) -> int:
    """Return how much room the widest of some vertical axes needs, in a font of this height."""
    return round(max((_axis_px(axis, text_px) for axis in axes), default=0) + LEAST_GUTTER_PX)


def _axis_px(axis: Mapping[str, Any], text_px: float) -> float:
    names = axis.get("ticktext", ()) if axis.get("showticklabels", True) else ()
    letters = max((display_width(name) for name in names), default=0)
    named_px = letters * LETTER_SHARE * text_px + BESIDE_TEXT_PX if letters else 0
    return named_px + (TITLE_LINES * text_px if axis.get("title", {}).get("text") else 0)


SMALL_GAP_PX = 6
TEXT_PX = 13
GRID = "rgba(128,128,128,0.3)"
"""Plotly draws the grid over pictures: it must let them be seen."""
ABOVE_LEGEND_PX = 8
_AXIS = {"fixedrange": True, "zeroline": False, "automargin": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One area to be drawn: how high it is, what stands above it, and what draws it."""

    height_px: float
    draw: Callable[[Plot], None]
    gap_px: float = SMALL_GAP_PX
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The sections of one run, on one time axis."""

    sections: Sequence[Section]
    axis: TimeAxis


def laid_out(groups: Sequence[Group], ink: str | None) -> Sheet:
    """Return the figure of all groups below one another, each section as high as it asks for.

    `ink` is the colour of all text; None leaves it to the page's theme.
    """
    sheet = Sheet(ink=ink)
    total_px = sum(each.height_px + each.gap_px for group in groups for each in group.sections)
    below_px, place = total_px, 0
    for number, group in enumerate(groups, start=1):
        x = axis_name("x", number)
        for section in group.sections:
            place += 1
            below_px -= section.gap_px + section.height_px
            domain = max(0.0, below_px / total_px), (below_px + section.height_px) / total_px
            plot = Plot(sheet=sheet, axis=group.axis, x=x, y=axis_name("y", place))
            sheet.places[f"{x} {plot.y}"] = Place(unit_ns=group.axis.unit_ns)
            sheet.layout[axis_key(plot.y)] = _AXIS | {"domain": list(domain), "anchor": x}
            if section.title:
                sheet.add_title(section.title, domain[1])
            section.draw(plot)
        sheet.layout[axis_key(x)] = _time_axis(group, anchor=axis_name("y", place))
    _dress(sheet, total_px)
    return sheet


def _dress(sheet: Sheet, total_px: float) -> None:
    font = {"size": TEXT_PX, "color": sheet.ink}
    for key, settings in sheet.layout.items():
        if "axis" in key:
            title = settings.get("title", {})
            settings |= {"tickfont": font, "title": title | {"font": font}}
    for note in sheet.annotations:
        note["font"] = note.get("font", {}) | {"color": sheet.ink}
    top_px = ABOVE_LEGEND_PX + legend_px(list(sheet.named))
    all_px = round(total_px + top_px + BOTTOM_PX)
    sheet.layout.update(
        height=all_px,
        margin={"l": _left_px(sheet), "r": 8, "t": top_px, "b": BOTTOM_PX},
        legend=legend_layout(font) | place_above(top_px, all_px),
        hoverlabel={"align": "left", "font": {"size": TEXT_PX}},
    )


def _left_px(sheet: Sheet) -> int:
    axes = [settings for key, settings in sheet.layout.items() if key.startswith("yaxis")]
    return gutter_px(axes, TEXT_PX)


def _time_axis(group: Group, anchor: str) -> Mapping[str, Any]:
    return {
        "range": list(group.axis.range),
        "anchor": anchor,
        "zeroline": False,
        "automargin": False,
        "showgrid": True,
        "gridcolor": GRID,
        "ticksuffix": f" {group.axis.unit}",
    }
