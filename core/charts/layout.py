"""How a figure is laid out: the sections of each run below one another, the legend above them.

Room for the names of rows is computed. Plotly can compute it as well (`automargin`), but then
lays out and draws a large chart twice, which was a third of its paint. Exact charts, which are
small, leave it to Plotly.

A legend has the room of a phone, since nobody knows yet how wide the chart will be; what stays
empty on a laptop the page takes back (`pages/components/chart_view.py`).
"""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.axis import PlotAxes, TimeAxis
from core.charts.figure import GRID, FigureParts, Plot, Style, axis_key, axis_name
from core.text.legible import display_width, legible

BOTTOM_PX, AT_SIDES_PX = 56, 8
BETWEEN_SECTIONS_PX = 6


def as_text(text: str) -> str:
    """Return a text so that Plotly shows it as it is, not as HTML; quotes need no care there."""
    return html.escape(legible(text), quote=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One plot of a run: how high it is, what draws it, and what stands above it.

    `gap_px` is the space above it; None is the usual one, with or without a title.
    """

    height_px: float
    draw: Callable[[Plot], None]
    title: str = ""
    gap_px: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The sections of one run, on one time axis."""

    sections: Sequence[Section]
    axis: TimeAxis


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """The measures of a chart, in pixels as on a page.

    Attributes:
        text_px: How large the texts at the axes are, and those of the legend.
        title_px: The space above a section for its title, and between it and the section above.
        line_px: What each further line of that title adds.
        above_first_px: The space above the first section; None if it is that of any other.
        least_top_px: The least space for the legend and the first title.
        above_legend_px: The space above the legend.
        on_one_axis: Whether all runs share one time axis, named below the last of them; otherwise
            each has its own, whose numbers bear their unit.
    """

    text_px: int
    title_px: int
    line_px: int
    above_first_px: int | None = None
    least_top_px: int = 0
    above_legend_px: int = 0
    on_one_axis: bool

    def gap_px(self, section: Section) -> float:
        """Return the space above a section."""
        if section.gap_px is not None:
            return section.gap_px
        if not section.title:
            return BETWEEN_SECTIONS_PX
        return self.title_px + self.line_px * section.title.count("<br>")

    def first_gap_px(self, section: Section) -> float:
        """Return the space between the legend and the first section."""
        return self.gap_px(section) if self.above_first_px is None else self.above_first_px


EXACT = Spacing(
    text_px=14, title_px=52, line_px=18, above_first_px=52, least_top_px=84, on_one_axis=True
)
"""Rows of bars: several runs stand on one axis and must be seen at once."""
DENSE = Spacing(text_px=13, title_px=80, line_px=21, above_legend_px=8, on_one_axis=False)
"""Areas with titles of several lines, which hold the numbers of a run."""


def laid_out(groups: Sequence[Group], spacing: Spacing, style: Style) -> FigureParts:
    """Return the figure of all groups below one another, each section as high as it asks for."""
    parts = FigureParts(style=style)
    sections = [section for group in groups for section in group.sections]
    # Plotly counts shares of the height from below. The space above the first section is no part of
    # it but of the margin, where the legend stands.
    below_px = sum(section.height_px + spacing.gap_px(section) for section in sections)
    total_px = below_px - spacing.gap_px(sections[0])
    number, last_x = 0, axis_name("x", len(groups))
    for place, group in enumerate(groups, start=1):
        x = axis_name("x", place)
        for section in group.sections:
            number += 1
            below_px -= section.height_px + spacing.gap_px(section)
            plot = Plot(parts=parts, axis=group.axis, x=x, y=axis_name("y", number))
            bottom, top = below_px / total_px, (below_px + section.height_px) / total_px
            _add_section(plot, section, [max(0.0, bottom), min(1.0, top)])
        anchor = {"anchor": axis_name("y", number), "range": list(group.axis.range)}
        parts.layout[axis_key(x)] = anchor | (
            _shared_axis(group.axis, last_x, is_last=x == last_x)
            if spacing.on_one_axis
            else _own_axis(group.axis)
        )
    _dress(parts, spacing, total_px, spacing.first_gap_px(sections[0]))
    return parts


def _add_section(plot: Plot, section: Section, domain: list[float]) -> None:
    parts = plot.parts
    parts.axes[plot.name] = PlotAxes(unit_ns=plot.axis.unit_ns)
    settings = {"domain": domain, "anchor": plot.x, "fixedrange": True, "zeroline": False}
    parts.layout[axis_key(plot.y)] = settings
    if section.title:
        parts.add_title(section.title, domain[1])
    section.draw(plot)


def _shared_axis(axis: TimeAxis, last: str, *, is_last: bool) -> dict[str, Any]:
    """Return the settings of a time axis of all runs, whose numbers stand below the last one."""
    settings = {"zeroline": False, "showgrid": True}
    if is_last:
        return settings | {"title": {"text": axis.title}}
    return settings | {"matches": last, "showticklabels": False}


def _own_axis(axis: TimeAxis) -> dict[str, Any]:
    """Return the settings of a time axis of one run."""
    settings = {"zeroline": False, "showgrid": True, "gridcolor": GRID, "automargin": False}
    return settings | {"ticksuffix": f" {axis.unit}"}


def _dress(parts: FigureParts, spacing: Spacing, total_px: float, first_gap_px: float) -> None:
    """Set what is known only when all is drawn: the texts' look, the room for names and legend."""
    style, font = parts.style, parts.style.font(spacing.text_px)
    axes = [(key, settings) for key, settings in parts.layout.items() if "axis" in key]
    for _key, settings in axes:
        settings |= {"tickfont": font, "title": settings.get("title", {}) | {"font": font}}
    for note in parts.annotations:
        note["font"] = note.get("font", {}) | {"color": style.ink}
    left_px: float = AT_SIDES_PX
    if not spacing.on_one_axis:
        rows = [settings for key, settings in axes if key.startswith("yaxis")]
        left_px = gutter_px(rows, spacing.text_px)
        for settings in rows:
            settings["automargin"] = False
    room_px = spacing.above_legend_px + legend_px(list(parts.named))
    top_px = max(spacing.least_top_px, room_px + first_gap_px)
    all_px = round(total_px + top_px + BOTTOM_PX)
    parts.layout.update(
        style.plotly_font(),
        height=style.height_px(all_px),
        margin=style.margin(sides_px=(left_px, AT_SIDES_PX), ends_px=(top_px, BOTTOM_PX)),
        barmode="overlay",
        legend=legend_layout(font) | place_above(top_px - first_gap_px, all_px),
        hoverlabel={"align": "left", "font": {"size": style.text_px(spacing.text_px)}},
    )


LINE_PX, AROUND_PX = 21, 11
SIGN_PX, LETTER_PX = 50, 8
PHONE_PX, LAPTOP_PX = 285, 760
"""How wide a legend can be; a page is a laptop's from 1,200 pixels on, see `look.css`."""


def legend_layout(font: dict[str, Any]) -> dict[str, Any]:
    """Return how the legend stands: above the first title, from the right, its lines close."""
    # In shares of the whole figure (`container`): in those of the plots (`paper`) the same distance
    # would be another number for each height.
    place = {"orientation": "h", "xanchor": "right", "x": 1, "yanchor": "top", "y": 0.995}
    return place | {"yref": "container", "font": font, "tracegroupgap": 0}


def place_above(top_px: float, height_px: float) -> dict[str, Any]:
    """Return where the legend ends: close above what is below it, whether it takes a line or four.

    Args:
        top_px: How far below the figure's upper edge the titles and plots begin.
        height_px: How high the figure is.
    """
    return {"yanchor": "bottom", "y": 1 - top_px / height_px}


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
