"""Plots stacked in pixels over one time axis: titled runs, and strips close below them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.collected import Sheet, axis_key, axis_name
from core.charts.plot import Plot
from core.text.legible import legible

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
