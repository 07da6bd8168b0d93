"""A figure of many areas below one another, each run on a time axis of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.collected import Sheet, axis_key, axis_name
from core.charts.gutter import width_px
from core.charts.legend import height_px, legend_layout, place_above
from core.charts.plot import Plot
from core.charts.stack import BOTTOM_PX

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
    top_px = ABOVE_LEGEND_PX + height_px(list(sheet.named))
    all_px = round(total_px + top_px + BOTTOM_PX)
    sheet.layout.update(
        height=all_px,
        margin={"l": _left_px(sheet), "r": 8, "t": top_px, "b": BOTTOM_PX},
        legend=legend_layout(font) | place_above(top_px, all_px),
        hoverlabel={"align": "left", "font": {"size": TEXT_PX}},
    )


def _left_px(sheet: Sheet) -> int:
    axes = [settings for key, settings in sheet.layout.items() if key.startswith("yaxis")]
    return width_px(axes, TEXT_PX)


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
