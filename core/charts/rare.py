"""What is rare and must not be lost in a large run: blocking, failed, cancelled and lost."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.charts.bars import end_text, span_text
from core.charts.bins import Bins
from core.charts.items import Items
from core.charts.palette import BLOCKING, MARKS_RANK, ON_DARK, Mark, blocking_look, marks
from core.charts.plot import Plot
from core.charts.sheet import Section
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
        found += [_ends(timeline, items, bins, outcome) for outcome in marks()]
    return [rare for rare in found if len(rare)]


def _blocking(timeline: Timeline, items: Items, bins: Bins) -> Rare:
    spans = timeline.spans
    which = np.flatnonzero(
        spans.is_blocking & (spans.start_ns <= bins.end_ns) & (spans.end_ns >= bins.start_ns)
    )
    which = which[np.argsort(spans.start_ns[which], kind="stable")]
    name = blocking_look().name
    at = which if isinstance(items.spans, slice) else np.searchsorted(items.spans, which)
    return Rare(
        mark=Mark(
            name=name, symbol="triangle-down", colour=BLOCKING, edge_colour=ON_DARK, edge_px=1
        ),
        count_text=_("{count:,} {name} in rows of jobs").format(count=len(which), name=name),
        at_ns=np.maximum(spans.start_ns[which], bins.start_ns),
        item=items.of_span[at],
        text=lambda number: span_text(timeline, int(which[number]), name),
    )


def _ends(timeline: Timeline, items: Items, bins: Bins, outcome: Outcome) -> Rare:
    which, mark = _places_of(outcome, timeline.jobs.outcome), marks()[outcome]
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
