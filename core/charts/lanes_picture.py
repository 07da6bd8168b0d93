"""The area of a large run's lanes: their picture, the marks upon it, and what a pointer reads."""

from collections.abc import Sequence

import numpy as np

from core.charts.density import Density, picture
from core.charts.detail import Detail
from core.charts.items import ItemKind, Items
from core.charts.kinds import kind_looks
from core.charts.plot import Plot
from core.charts.rare import Rare, add_marks
from core.charts.sheet import Section
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Integers

LEAST_PX, MOST_PX, ITEM_PX = 36, 220, 14
MAX_NAMED = 16
TICKS = 4


def section(found: Density, items: Items, events: Sequence[Rare], detail: Detail) -> Section:
    """Return the area of the lanes."""

    def draw(plot: Plot) -> None:
        _add_picture(plot, found, detail)
        _add_hover(plot, found, items, detail)
        for rare in events:
            add_marks(plot, rare)
        _name_rows(plot, items)

    height_px = min(MOST_PX, max(LEAST_PX, ITEM_PX * items.count))
    return Section(height_px=height_px, draw=draw)


def _add_picture(plot: Plot, found: Density, detail: Detail) -> None:
    bins, unit_ns = found.bins, plot.axis.unit_ns
    plot.image(
        source=picture(found, detail),
        x=bins.start_ns / unit_ns,
        sizex=bins.width_ns * bins.count / unit_ns,
        y=-0.5,
        sizey=found.rows * found.per_row,
        xanchor="left",
        yanchor="top",
        sizing="stretch",
    )


def _add_hover(plot: Plot, found: Density, items: Items, detail: Detail) -> None:
    """Let a pointer rest on cells that sum up parts of the picture."""
    rows = -(-found.rows // detail.hover_rows)
    columns = -(-found.bins.count // detail.hover_columns)
    cells = found.coarser(rows, columns)
    seen = cells.time_ns.any(axis=(1, 2))
    numbers = [cells.begun, *([] if items.names else _numbers_of_cells(cells, items))]
    text = _cell_text(cells, items, cells.kinds[seen].tolist())
    table = np.concatenate([cells.shares[seen], np.array(numbers)]).astype(np.float32)
    unit_ns = plot.axis.unit_ns
    plot.add(
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
            "hovertemplate": text + "<extra></extra>",
        }
        | _names_of_cells(cells, items)
    )


def _numbers_of_cells(cells: Density, items: Items) -> tuple[Integers, Integers]:
    """Return the numbers, counted from 1, of the first and the last item of each cell."""
    rows = items.first + 1 + cells.per_row * np.arange(cells.rows)
    first = np.broadcast_to(rows[:, None], cells.begun.shape)
    return first, np.minimum(first + cells.per_row - 1, items.first + items.count)


def _names_of_cells(cells: Density, items: Items) -> dict[str, object]:
    """Return the names of the workers in each cell; jobs and places have numbers instead."""
    if not items.names:
        return {}
    rows = range(0, items.count, cells.per_row)
    held = [items.names[row : row + cells.per_row] for row in rows]
    names = [each[0] if len(each) == 1 else f"{each[0]} … {each[-1]}" for each in held]
    return {"text": [[name] * cells.bins.count for name in names]}


def _cell_text(cells: Density, items: Items, kinds: Sequence[int]) -> str:
    looks = kind_looks()
    begun, first, last = (f"%{{customdata[{len(kinds) + n}]:,.0f}}" for n in range(3))
    heading = _cell_heading(items, alone=cells.per_row == 1).format(
        first=first, last=last, time=duration_text(cells.bins.width_ns)
    )
    lines = [f"{looks[kind].name}: %{{customdata[{n}]:.3~p}}" for n, kind in enumerate(kinds)]
    count = _("spans that begin here: {count}").format(count=begun)
    return "<br>".join([heading, *lines, count])


def _cell_heading(items: Items, *, alone: bool) -> str:
    if items.names:
        return "%{{text}}, {time}"
    if items.kind is ItemKind.JOB:
        return _("job {first}, {time}") if alone else _("jobs {first} to {last}, {time}")
    return _("place {first}, {time}") if alone else _("places {first} to {last}, {time}")


def _name_rows(plot: Plot, items: Items) -> None:
    if items.kind is ItemKind.JOB:
        plot.note_jobs(range(items.first, items.first + items.count))
    shown = _shown(items.count)
    plot.update_y(
        range=[items.count - 0.5, -0.5],
        tickvals=list(shown),
        ticktext=[items.names[row] for row in shown] if items.names else _numbered(items, shown),
        showgrid=False,
    )


def _numbered(items: Items, shown: range) -> list[str]:
    """Return the numbers of rows, of which the first says what they count."""
    first, *others = (f"{items.first + row + 1:,}" for row in shown)
    named = _("job {number}") if items.kind is ItemKind.JOB else _("place {number}")
    return [named.format(number=first), *others]


def _shown(count: int) -> range:
    if count <= MAX_NAMED:
        return range(count)
    return range(0, count, -(-count // TICKS))
