"""How a figure is laid out: the sections of each run below one another, the legend above them.

Room for the names of rows is computed. Plotly can compute it as well (`automargin`), but then
lays out and draws a chart twice, which was a third of the paint of a large one.

A legend has the room of a phone, since nobody knows yet how wide the chart will be; what stays
empty on a laptop the page takes back (`pages/components/result_view.py`).
"""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.charts.axis import PlotAxes, TimeAxis
from core.charts.figure import GRID, FigureParts, Plot, Style, axis_key, axis_name
from core.text.legible import display_width, legible

BOTTOM_PX, AT_RIGHT_PX = 56, 8
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


TEXT_PX = 14
"""How large the texts at the axes are, and those of the legend."""
TITLE_PX, LINE_PX = 31, 21
"""The space of a title of one line, and what each further line adds: 1.3 times its font, as
Plotly sets lines."""
BETWEEN_RUNS_PX, AXIS_NUMBERS_PX = 21, 28
"""The space between a title and the run above it, and what that run's own axis takes of it."""
ABOVE_LEGEND_PX = 8


HALL_PX, HALL_TITLE_PX = 300, 34
"""How high all sections of a projected chart are at most, so that nobody has to scroll for it at
1280 x 720 pixels, and the space above each run: its title, which is one line there."""


LEAST_TITLED_PX = 100
"""How high a projected section must be for the name of its vertical axis."""


def gap_px(
    section: Section, *, is_first: bool, on_one_axis: bool, is_projected: bool = False
) -> float:
    """Return the space above a section; above the first one stands the legend."""
    if section.gap_px is not None:
        return section.gap_px
    if not section.title:
        return BETWEEN_SECTIONS_PX
    title_px = TITLE_PX + LINE_PX * section.title.count("<br>")
    if is_first:
        return title_px
    if is_projected:
        return HALL_TITLE_PX
    return title_px + BETWEEN_RUNS_PX + (0 if on_one_axis else AXIS_NUMBERS_PX)


def within_hall(groups: Sequence[Group], gaps_px: float) -> list[Group]:
    """Return groups whose sections, with the gaps between them, are no higher than a hall's."""
    all_px = sum(section.height_px for group in groups for section in group.sections)
    share = min(1.0, (HALL_PX - gaps_px) / all_px)
    return [
        replace(
            group,
            sections=[replace(each, height_px=each.height_px * share) for each in group.sections],
        )
        for group in groups
    ]


def laid_out(groups: Sequence[Group], style: Style, *, on_one_axis: bool) -> FigureParts:
    """Return the figure of all groups below one another, each section as high as it asks for.

    Groups on one axis move together, and its name stands below the last of them; otherwise each has
    its own, whose numbers bear their unit.
    """
    parts = FigureParts(style=style)
    sections = [section for group in groups for section in group.sections]
    gaps_px = [
        gap_px(
            section,
            is_first=place == 0,
            on_one_axis=on_one_axis,
            is_projected=style.is_projected,
        )
        for place, section in enumerate(sections)
    ]
    if style.is_projected:
        groups = within_hall(groups, sum(gaps_px[1:]))
        sections = [section for group in groups for section in group.sections]
    # Plotly counts shares of the height from below. The space above the first section is no part of
    # it but of the margin, where the legend stands.
    total_px = sum(section.height_px for section in sections) + sum(gaps_px[1:])
    below_px = total_px + gaps_px[0]
    number, last_x = 0, axis_name("x", len(groups))
    for place, group in enumerate(groups, start=1):
        x = axis_name("x", place)
        for section in group.sections:
            below_px -= section.height_px + gaps_px[number]
            number += 1
            plot = Plot(
                parts=parts,
                axis=group.axis,
                x=x,
                y=axis_name("y", number),
                height_px=section.height_px,
            )
            bottom, top = below_px / total_px, (below_px + section.height_px) / total_px
            _add_section(plot, section, [max(0.0, bottom), min(1.0, top)])
        anchor = {"anchor": axis_name("y", number), "range": list(group.axis.range)}
        parts.layout[axis_key(x)] = anchor | (
            _shared_axis(group.axis, last_x, is_last=x == last_x)
            if on_one_axis
            else _own_axis(group.axis)
        )
    _dress(parts, total_px, gaps_px[0])
    return parts


def _add_section(plot: Plot, section: Section, domain: list[float]) -> None:
    parts = plot.parts
    parts.axes[plot.name] = PlotAxes(unit_ns=plot.axis.unit_ns)
    settings = {"domain": domain, "anchor": plot.x, "fixedrange": True, "zeroline": False}
    parts.layout[axis_key(plot.y)] = settings
    if section.title:
        parts.add_title(section.title, domain[1])
    before = len(parts.traces)
    section.draw(plot)
    if parts.style.is_projected and section.height_px < LEAST_TITLED_PX:
        plot.update_y(title={})  # it would run into that of the next run
    if len(parts.traces) == before:
        # Plotly draws no axis on which no trace stands, nor the text at it that says why the
        # section is empty. Seen with plotly.js 4.1.
        plot.add({"type": "scatter", "x": [None], "y": [None], "showlegend": False})


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


def _dress(parts: FigureParts, total_px: float, first_gap_px: float) -> None:
    """Set what is known only when all is drawn: the texts' look, the room for names and legend."""
    style, font = parts.style, parts.style.font(TEXT_PX)
    axes = [(key, settings) for key, settings in parts.layout.items() if "axis" in key]
    for _key, settings in axes:
        settings |= {"tickfont": font, "title": settings.get("title", {}) | {"font": font}}
    for note in parts.annotations:
        note["font"] = note.get("font", {}) | {"color": style.ink}
    rows = [settings for key, settings in axes if key.startswith("yaxis")]
    for settings in rows:
        settings["automargin"] = False
    top_px = ABOVE_LEGEND_PX + legend_px(list(parts.named)) + first_gap_px
    all_px = round(total_px + top_px + BOTTOM_PX)
    sides_px = (gutter_px(rows, TEXT_PX), AT_RIGHT_PX)
    margin = style.margin(sides_px=sides_px, ends_px=(top_px, BOTTOM_PX))
    for title in parts.titles:
        # It begins above the names of the rows: a phone has no room to give away. In pixels, as a
        # share of the width would move it further away on a wide page.
        title["xshift"] = -margin["l"]
    for tree in parts.trees:
        _name_at_the_left(parts, tree, margin["l"])
    parts.layout.update(
        style.plotly_font(),
        height=style.height_px(all_px),
        margin=margin,
        barmode="overlay",
        legend=legend_layout(font) | place_above(top_px - first_gap_px, all_px),
        hoverlabel={"align": "left", "font": {"size": style.text_px(TEXT_PX)}},
    )


def _name_at_the_left(parts: FigureParts, y: str, left_px: int) -> None:
    """Write the names of an axis at the chart's left edge; Plotly's own end at the axis."""
    settings = parts.layout[axis_key(y)]
    settings["showticklabels"] = False
    parts.annotations.extend(
        {
            "text": text,
            "font": settings["tickfont"],
            "align": "left",
            "showarrow": False,
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "xshift": -left_px,
            "yref": y,
            "y": place,
            "yanchor": "middle",
        }
        for place, text in zip(settings["tickvals"], settings["ticktext"], strict=True)
    )


AROUND_PX = 11
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
