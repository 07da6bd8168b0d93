"""Plots stacked in pixels over one time axis: titled runs, and strips close below them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import plotly.graph_objects as go

from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.collected import Sheet, axis_key, axis_name

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


class Canvas(Protocol):
    """Where a strip draws itself, whatever figure it is a part of."""

    @property
    def axis(self) -> TimeAxis:
        """The time axis."""
        ...

    def add(self, trace: dict[str, Any]) -> None:
        """Draw a trace, given as Plotly's own data."""

    def update_y(self, **settings: Any) -> None:
        """Change settings of the vertical axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One plot of a stacked figure: where a part of a chart draws itself."""

    sheet: Sheet
    axis: TimeAxis
    place: int

    def add(self, trace: dict[str, Any]) -> None:
        """Draw a trace."""
        self.sheet.traces.append(trace | {"xaxis": self.x, "yaxis": self.y})
        if trace.get("showlegend"):
            self.sheet.named.setdefault(trace["name"], trace.get("legendrank", 0))

    def update_y(self, **settings: Any) -> None:
        """Change settings of the vertical axis."""
        self.sheet.layout[axis_key(self.y)].update(settings)

    def shape(self, **settings: Any) -> None:
        """Draw a shape over the whole height; horizontal places are those of the time axis."""
        self.sheet.shapes.append(
            {"xref": self.x, "yref": f"{self.y} domain", "y0": 0, "y1": 1} | settings
        )

    def note(self, **settings: Any) -> None:
        """Write a text; vertically it stands at a share of the plot's height."""
        self.sheet.annotations.append(
            {"xref": self.x, "yref": f"{self.y} domain", "showarrow": False} | settings
        )

    def note_jobs(self, first: int, count: int) -> None:
        """Tell a box drawn in the plot that its rows are jobs, from a number on, one row each."""
        place = self.sheet.places[self.name]
        self.sheet.places[self.name] = replace(place, first_job=first, jobs=count)

    @property
    def figure(self) -> go.Figure:
        """The figure of the whole stack as it is now; made anew each time."""
        return self.sheet.figure()

    @property
    def x(self) -> str:
        """The name of the horizontal axis."""
        return axis_name("x", self.place)

    @property
    def y(self) -> str:
        """The name of the vertical axis."""
        return axis_name("y", self.place)

    @property
    def name(self) -> str:
        """What a box that is drawn in the plot calls it."""
        return f"{self.x} {self.y}"

    def names_in_legend(self) -> list[str]:
        """Return what the figure's legend names so far."""
        return list(self.sheet.named)


def as_text(text: str) -> str:
    """Return a text so that Plotly shows it as it is, not as HTML; quotes need no care there."""
    return html.escape(text, quote=False)


def stacked(rows: Sequence[Row], axis: TimeAxis) -> list[Plot]:
    """Return one empty plot for each row, of the height that it asks for, in one figure."""
    sheet = Sheet()
    plots = [Plot(sheet=sheet, axis=axis, place=number + 1) for number in range(len(rows))]
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
