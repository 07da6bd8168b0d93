"""The lanes of a large run: their picture, the rare events upon it, and what a pointer reads."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.span_classes import Mark, blocking_mark, end_marks, span_classes
from core.charts.bins import Bins
from core.charts.density import Density, Detail, picture
from core.charts.exact_lanes import end_text, span_text
from core.charts.figure import Plot
from core.charts.lane_set import ItemKind, Items
from core.charts.layout import Section
from core.charts.palette import MARKS_RANK
from core.text.language import _
from core.text.numbers import duration_text
from core.timeline.timeline import Integers, Outcome, Timeline

MARK_PX, RUG_PX, RUG_GAP_PX = 8, 15, 2
UNSEEN = -0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """All events of one sort in view, in the order of time: when, and in which row of the lanes.

    `count_text` says how many they are; `text` is what a pointer over the event with a number
    reads.
    """

    mark: Mark
    count_text: str
    at_ns: Integers
    item: Integers
    text: Callable[[int], str]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.at_ns)


def rare_events(timeline: Timeline, items: Items, bins: Bins) -> list[Rare]:
    """Return the sorts of rare events that occur in the bins; ends only of a run that has ended."""
    found = [_blocking(timeline, items, bins)]
    if timeline.finished:
        found += [_ends(timeline, items, bins, outcome) for outcome in end_marks()]
    return [rare for rare in found if len(rare)]


def _blocking(timeline: Timeline, items: Items, bins: Bins) -> Rare:
    spans = timeline.spans
    which = np.flatnonzero(
        spans.is_blocking & (spans.start_ns <= bins.end_ns) & (spans.end_ns >= bins.start_ns)
    )
    which = which[np.argsort(spans.start_ns[which], kind="stable")]
    mark = blocking_mark()
    at = which if isinstance(items.spans, slice) else np.searchsorted(items.spans, which)
    return Rare(
        mark=mark,
        count_text=_("{count:,} {name} in rows of jobs").format(count=len(which), name=mark.name),
        at_ns=np.maximum(spans.start_ns[which], bins.start_ns),
        item=items.of_span[at],
        text=lambda number: span_text(timeline, int(which[number]), mark.name),
    )


def _ends(timeline: Timeline, items: Items, bins: Bins, outcome: Outcome) -> Rare:
    which, mark = _places_of(outcome, timeline.jobs.outcome), end_marks()[outcome]
    at_ns = timeline.jobs.ended_ns[which]
    which = which[(at_ns >= bins.start_ns) & (at_ns <= bins.end_ns)]
    which = which[np.argsort(timeline.jobs.ended_ns[which], kind="stable")]
    return Rare(
        mark=mark,
        count_text=_("{count:,} {name}").format(count=len(which), name=mark.name),
        at_ns=timeline.jobs.ended_ns[which],
        item=items.of_job[which],
        text=lambda number: end_text(timeline, int(which[number]), mark.name),
    )


def _places_of(outcome: Outcome, outcomes: tuple[Outcome, ...]) -> Integers:
    """Return where an outcome stands; C looks for the next one, as most are of another sort."""
    found, begin = [], 0
    with contextlib.suppress(ValueError):
        while True:
            found.append(outcomes.index(outcome, begin))
            begin = found[-1] + 1
    return np.array(found, dtype=np.int64)


def parted(events: Sequence[Rare], most: int) -> tuple[list[Rare], list[Rare]]:
    """Return which sorts have a mark for each event, at most so many together, and the others."""
    single: list[Rare] = []
    for rare in sorted(events, key=len):
        if sum(map(len, single)) + len(rare) <= most:
            single.append(rare)
    return single, [rare for rare in events if rare not in single]


def add_marks(plot: Plot, rare: Rare) -> None:
    """Draw a mark for each event; the end of a job that was in no row stands at the upper edge."""
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": plot.axis.scaled(rare.at_ns),
            "y": np.where(rare.item < 0, UNSEEN, rare.item),
            "marker": _marker(rare.mark),
            "customdata": [rare.text(number) for number in range(len(rare))],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(rare.mark.name, MARKS_RANK)
    )


def _marker(mark: Mark) -> dict[str, object]:
    edge = {"color": mark.edge_colour, "width": min(mark.edge_px, 2)}
    return {"symbol": mark.symbol, "size": MARK_PX, "color": mark.colour, "line": edge}


def rug(events: Sequence[Rare], bins: Bins) -> Section:
    """Return the area of events that are too many for marks: one mark a bin, in a row a sort."""

    def draw(plot: Plot) -> None:
        for row, rare in enumerate(events):
            _add_rug(plot, rare, bins, row)
        plot.update_y(
            range=[len(events) - 0.5, -0.5],
            tickvals=list(range(len(events))),
            ticktext=[rare.mark.name for rare in events],
            showgrid=False,
        )

    return Section(height_px=RUG_PX * len(events), gap_px=RUG_GAP_PX, draw=draw)


def counted(rare: Rare, bins: Bins) -> Integers:
    """Return how many events there are in each bin; one at the very end counts in the last."""
    which = np.minimum(bins.index(rare.at_ns), bins.count - 1)
    return np.bincount(which, minlength=bins.count).astype(np.int64)


def _add_rug(plot: Plot, rare: Rare, bins: Bins, row: int) -> None:
    count = counted(rare, bins)
    filled = np.flatnonzero(count)
    text = _("{count} {name} within {time}").format(
        count="%{customdata:,}", name=rare.mark.name, time=duration_text(bins.width_ns)
    )
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": plot.axis.scaled(bins.edges_ns[filled] + bins.width_ns // 2),
            "y": np.full(len(filled), row),
            "marker": _marker(rare.mark),
            "customdata": count[filled],
            "hovertemplate": text + "<extra></extra>",
        }
        | plot.in_legend(rare.mark.name, MARKS_RANK)
    )


LEAST_PX, MOST_PX, ITEM_PX = 36, 220, 14
MAX_NAMED = 16
TICKS = 4


def lanes_section(found: Density, items: Items, events: Sequence[Rare], detail: Detail) -> Section:
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
    looks = span_classes()
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
