"""The area of a large run's lanes: their picture, the marks upon it, and what a pointer reads."""

from collections.abc import Sequence

import numpy as np

from core.charts.density import Density, picture
from core.charts.detail import Detail
from core.charts.items import ItemKind, Items
from core.charts.kinds import kind_looks
from core.charts.rare import Rare, add_marks
from core.charts.sheet import Area, Section
from core.units import duration_text
from core.words import _

LEAST_PX, MOST_PX, ITEM_PX = 36, 220, 14
MAX_NAMED = 16
TICKS = 4


def section(found: Density, items: Items, events: Sequence[Rare], detail: Detail) -> Section:
    """Return the area of the lanes."""

    def draw(area: Area) -> None:
        _add_picture(area, found, detail)
        _add_hover(area, found, items, detail)
        for rare in events:
            add_marks(area, rare)
        _name_rows(area, items)

    height_px = min(MOST_PX, max(LEAST_PX, ITEM_PX * items.count))
    return Section(height_px=height_px, draw=draw)


def _add_picture(area: Area, found: Density, detail: Detail) -> None:
    bins, unit_ns = found.bins, area.axis.unit_ns
    area.image(
        source=picture(found, detail),
        x=bins.start_ns / unit_ns,
        sizex=bins.width_ns * bins.count / unit_ns,
        y=-0.5,
        sizey=found.rows * found.per_row,
        xanchor="left",
        yanchor="top",
        sizing="stretch",
    )


def _add_hover(area: Area, found: Density, items: Items, detail: Detail) -> None:
    """Let a pointer rest on cells that sum up parts of the picture."""
    rows = -(-found.rows // detail.hover_rows)
    columns = -(-found.bins.count // detail.hover_columns)
    cells = found.coarser(rows, columns)
    kinds = np.flatnonzero(cells.time_ns.any(axis=(1, 2)))
    begun = cells.begun[None].astype(np.float64)
    table = np.concatenate([cells.shares[kinds] * 100, begun]).astype(np.float32)
    unit_ns = area.axis.unit_ns
    area.add(
        {
            "type": "heatmap",
            "z": np.zeros(cells.begun.shape, dtype=np.uint8),
            "x0": (cells.bins.start_ns + cells.bins.width_ns / 2) / unit_ns,
            "dx": cells.bins.width_ns / unit_ns,
            "y0": (cells.per_row - 1) / 2,
            "dy": cells.per_row,
            "opacity": 0,
            "showscale": False,
            "customdata": np.moveaxis(table, 0, 2),
            "hovertemplate": _cell_text(cells, items, kinds.tolist()) + "<extra></extra>",
        }
    )


def _cell_text(cells: Density, items: Items, kinds: Sequence[int]) -> str:
    looks = kind_looks()
    heading = _cell_heading(items).format(
        row="%{y:,.0f}", count=cells.per_row, time=duration_text(cells.bins.width_ns)
    )
    lines = [f"{looks[kind].name}: %{{customdata[{n}]:.3~g}} %" for n, kind in enumerate(kinds)]
    count = _("{count} spans begin here").format(count=f"%{{customdata[{len(kinds)}]:,.0f}}")
    return "<br>".join([heading, *lines, count])


def _cell_heading(items: Items) -> str:
    if items.kind is ItemKind.JOB:
        return _("{count:,} jobs around number {row}, {time}")
    if items.kind is ItemKind.PLACE:
        return _("{count:,} places around number {row}, {time}")
    return _("{count:,} workers around row {row}, {time}")


def _name_rows(area: Area, items: Items) -> None:
    if items.kind is ItemKind.JOB:
        area.note_jobs(items.first, items.count)
    shown = _shown(items.count)
    titles = {ItemKind.JOB: _("job"), ItemKind.PLACE: _("place"), ItemKind.WORKER: ""}
    names = [f"{items.first + row + 1:,}" for row in shown]
    area.update_y(
        range=[items.count - 0.5, -0.5],
        tickvals=list(shown),
        ticktext=[items.names[row] for row in shown] if items.names else names,
        showgrid=False,
        title={"text": titles[items.kind], "standoff": 4},
    )


def _shown(count: int) -> range:
    if count <= MAX_NAMED:
        return range(count)
    return range(0, count, -(-count // TICKS))
