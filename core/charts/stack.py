"""Plots stacked in pixels over one time axis: titled runs, and strips close below them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.axis import TimeAxis
from core.charts.boxes import Place, note_place, places_of

TITLE_PX, SECOND_LINE_PX = 52, 18
STRIP_GAP_PX = 6
TOP_PX, BOTTOM_PX = 80, 56


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

    def add(self, trace: Any) -> None:
        """Draw a trace."""

    def update_y(self, **settings: Any) -> None:
        """Change settings of the vertical axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One plot of a stacked figure: where a part of a chart draws itself."""

    figure: go.Figure
    axis: TimeAxis
    place: int

    def add(self, trace: Any) -> None:
        """Draw a trace."""
        self.figure.add_trace(trace, row=self.place, col=1)

    def update_y(self, **settings: Any) -> None:
        """Change settings of the vertical axis."""
        self.figure.update_yaxes(row=self.place, col=1, **settings)

    def note_jobs(self, first: int, count: int) -> None:
        """Tell a box drawn in the plot that its rows are jobs, from a number on, one row each."""
        place = places_of(self.figure)[self.name]
        note_place(self.figure, self.name, replace(place, first_job=first, jobs=count))

    @property
    def name(self) -> str:
        """What a box that is drawn in the plot calls it."""
        number = self.place if self.place > 1 else ""
        return f"x{number} y{number}"

    def names_in_legend(self) -> set[str]:
        """Return what the figure's legend names so far."""
        return {trace.name for trace in self.figure.data if trace.showlegend}


def as_text(text: str) -> str:
    """Return a text so that Plotly shows it as it is, not as HTML; quotes need no care there."""
    return html.escape(text, quote=False)


def stacked(rows: Sequence[Row], axis: TimeAxis) -> list[Plot]:
    """Return one empty plot for each row, of the height that it asks for, in one figure."""
    figure = make_subplots(rows=len(rows), cols=1, shared_xaxes=True)
    total_px = sum(row.height_px + row.gap_px for row in rows) - rows[0].gap_px
    bottom_px = total_px + rows[0].gap_px
    for number, row in enumerate(rows, start=1):
        bottom_px -= row.height_px + row.gap_px
        top = (bottom_px + row.height_px) / total_px
        figure.update_yaxes(domain=[max(0, bottom_px / total_px), min(1, top)], row=number, col=1)
        if row.title:
            _add_title(figure, row.title, top)
    figure.update_layout(
        height=round(total_px + TOP_PX + BOTTOM_PX),
        margin={"l": 8, "r": 8, "t": TOP_PX, "b": BOTTOM_PX},
    )
    plots = [Plot(figure=figure, axis=axis, place=number + 1) for number in range(len(rows))]
    for plot in plots:
        note_place(figure, plot.name, Place(unit_ns=axis.unit_ns))
    return plots


def _add_title(figure: go.Figure, title: str, top: float) -> None:
    figure.add_annotation(
        text=title,
        align="left",
        font={"size": 16},
        showarrow=False,
        xref="paper",
        x=0,
        xanchor="left",
        yref="paper",
        y=top,
        yanchor="bottom",
        yshift=4,
    )
