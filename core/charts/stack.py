"""Plots stacked in pixels over one time axis: titled runs, and strips close below them."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

TITLE_PX = 44
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
        return STRIP_GAP_PX if self.is_strip else TITLE_PX


def stacked(rows: Sequence[Row]) -> go.Figure:
    """Return an empty figure with one plot for each row, of the heights that the rows ask for."""
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
    return figure


def _add_title(figure: go.Figure, title: str, top: float) -> None:
    figure.add_annotation(
        text=title,
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
