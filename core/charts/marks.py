"""What is drawn upon a run, whatever its size: start-up, end, guess, and marks for what is rare.

Rare events, blocking spans and bad ends, have a mark of fixed size each, and beyond some hundreds
are counted in bins. So no level of detail hides one.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.metrics import held_ns
from core.analysis.span_classes import Mark, blocking_mark, end_marks
from core.charts.density import Bins
from core.charts.figure import (
    BEFORE,
    GUESS_RANK,
    GUESSED,
    HATCHED,
    IDEAL_RANK,
    MARKS_RANK,
    QUIET,
    Plot,
)
from core.charts.lanes import end_text, span_text
from core.charts.layout import Section
from core.text.language import _, duration_text
from core.text.legible import display_width
from core.timeline.timeline import Booleans, Integers, Outcome, Timeline

# Threads are ready in less; interpreters and processes take tens of milliseconds.
WORTH_SHOWING_NS = 1_000_000
MOST_SHARE = 0.16
LABELLED_SHARE = 0.03
"""The shares of the time axis that a start-up takes at most, and from which it holds its text."""
LABEL_PX = 12
LETTER_SHARE = 0.55
"""How wide a letter is on average, as a share of its height."""
# Three pixels of a laptop's axis, which a pointer can still rest on.
SEEN_SHARE = 0.005


def startup_shown_ns(timeline: Timeline | None, end_ns: int) -> int:
    """Return how much of a pool's start-up a chart shows: all, unless the runs would get lost."""
    if timeline is None or timeline.startup_ns < WORTH_SHOWING_NS:
        return 0
    return min(timeline.startup_ns, round(end_ns * MOST_SHARE))


def draw_startup(plot: Plot, timeline: Timeline | None) -> None:
    """Draw the start-up as a bar over all rows that ends where the run begins.

    Where there is room for a text, it gives the true length; of a bar that is cut off it begins
    with three dots.
    """
    shown = min(startup_shown_ns(timeline, plot.axis.end_ns), plot.axis.before_ns)
    if timeline is None or not shown:
        return
    start = -shown * 1.0 / plot.axis.unit_ns
    looks = {"fillcolor": QUIET, "opacity": 0.18, "line": {"width": 0}}
    plot.shape(type="rect", x0=start, x1=0, **looks)
    text = _("start-up {time}").format(time=duration_text(timeline.startup_ns))
    if shown < timeline.startup_ns:
        text = f"… {text}"
    # it stands upright, so the plot must be as high as the text is long
    is_high = plot.room_for(LETTER_SHARE * LABEL_PX * display_width(text)) > 0
    if shown < plot.axis.end_ns * LABELLED_SHARE or not is_high:
        return
    plot.note_at_share(
        x=start / 2,
        y=0.5,
        text=text,
        textangle=-90,
        font={"size": plot.style.text_px(LABEL_PX)},
    )


def draw_beginning(plot: Plot, timeline: Timeline | None, top: float, bottom: float) -> None:
    """Hatch the time before the first job was created, and say what happened in it.

    Only where it is long enough to be seen. Otherwise a reader asks what the gap at the start of
    all rows is. It reaches from `top` to `bottom` on the vertical axis.
    """
    if timeline is None or plot.axis.start_ns is not None or not len(timeline.jobs):
        return
    gap_ns = int(timeline.jobs.created_ns.min())
    if gap_ns < max(WORTH_SHOWING_NS, plot.axis.length_ns * SEEN_SHARE):
        return
    plot.add(
        {
            "type": "bar",
            "orientation": "h",
            "base": [plot.axis.at_one(0)],
            "x": [gap_ns / plot.axis.unit_ns],
            "y": [(top + bottom) / 2],
            "width": abs(top - bottom),
            "marker": {"color": BEFORE, "pattern": HATCHED, "line": {"width": 0}},
            "customdata": [beginning_text(timeline, gap_ns)],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(_("before the first job"), IDEAL_RANK)
    )


def beginning_text(timeline: Timeline, gap_ns: int) -> str:
    """Return what happened before the first job of a run was created, `gap_ns` after the start."""
    busy_ns = held_ns(timeline, 0, gap_ns)
    busy = (
        _("the event loop ran other code for {time} of it").format(time=duration_text(busy_ns))
        if busy_ns
        else _("the event loop ran nothing")
    )
    return _("before the first job: {time}").format(time=duration_text(gap_ns)) + f"<br>{busy}"


# The paper shows on both sides of the dashes, by more than a pixel on any screen.
PAPER_PX, DASHES_PX = 4, 1.5


def draw_end(plot: Plot, timeline: Timeline | None, top: float, bottom: float) -> None:
    """Draw the end of a run that has one in view: dashes of the page's ink upon its paper.

    So they are seen on bars of every colour, and in the gaps between them. They reach from `top` to
    `bottom` on the vertical axis.
    """
    if timeline is None or not timeline.finished or not plot.axis.shows(timeline.wall_ns):
        return
    end = plot.axis.at_one(timeline.wall_ns)
    # Traces, not shapes: Plotly paints those above all traces, also above the signs of jobs that
    # ended with the run, or below all bars.
    for line in (
        {"color": plot.style.paper, "width": PAPER_PX},
        {"color": plot.style.line_ink, "width": DASHES_PX, "dash": "dash"},
    ):
        plot.add(
            {
                "type": "scatter",
                "x": [end, end],
                "y": [top, bottom],
                "mode": "lines",
                "line": line,
                "showlegend": False,
                "hoverinfo": "skip",
            }
        )


def draw_guess(plot: Plot, guess_ns: int | None, top: float, bottom: float) -> None:
    """Draw how long somebody thought that a run would take, if that is in view.

    It is a line over the whole height, from `top` to `bottom` on the vertical axis.
    """
    if guess_ns is None or not plot.axis.shows(guess_ns):
        return
    name = _("your guess")
    # Without clipping the star may reach over the edge of the plot, at whose very end it may be.
    at = plot.axis.at_one(guess_ns)
    plot.add(
        {
            "type": "scatter",
            "x": [at, at],
            "y": [top, bottom],
            "mode": "lines+markers",
            "line": {"dash": "dot", "color": GUESSED, "width": 4},
            "marker": {"symbol": "star", "size": [14, 0]},
            "cliponaxis": False,
            "hovertemplate": f"{name}: {duration_text(guess_ns)}<extra></extra>",
        }
        | plot.in_legend(name, GUESS_RANK)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RareEvents:
    """All events of one kind in view, in the order of time: when, and in which row.

    A row of -1 is that of a job which has none. `count_text` says how many they are; `text` is what
    a pointer over the event with a number reads.
    """

    mark: Mark
    count_text: str
    at_ns: Integers
    row: Integers
    text: Callable[[int], str]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.at_ns)


def blocking_spans(timeline: Timeline, which: Integers, row: Integers, first_ns: int) -> RareEvents:
    """Return the blocking ones of some spans; one that began before the view is at its edge.

    Args:
        timeline: The run.
        which: The indices of blocking spans in view.
        row: The row of each.
        first_ns: Where the view begins.
    """
    order = np.argsort(timeline.spans.start_ns[which], kind="stable")
    which, row, mark = which[order], row[order], blocking_mark()
    return RareEvents(
        mark=mark,
        count_text=_("{count:,} {name} in rows of jobs").format(count=len(which), name=mark.name),
        at_ns=np.maximum(timeline.spans.start_ns[which], first_ns),
        row=row,
        text=lambda number: span_text(timeline, int(which[number]), mark.name),
    )


def bad_ends(timeline: Timeline, row_of_job: Integers, shown: Booleans) -> list[RareEvents]:
    """Return the ends of the jobs shown that failed, were cancelled or lost, by their outcomes.

    A run that has not ended has none: what is not over may still end well.
    """
    if not timeline.finished:
        return []
    found = [_ends(timeline, row_of_job, shown, outcome) for outcome in end_marks()]
    return [rare for rare in found if len(rare)]


def _ends(
    timeline: Timeline, row_of_job: Integers, shown: Booleans, outcome: Outcome
) -> RareEvents:
    which, mark = _indices_of(outcome, timeline.jobs.outcome), end_marks()[outcome]
    which = which[shown[which]]
    which = which[np.argsort(timeline.jobs.ended_ns[which], kind="stable")]
    return RareEvents(
        mark=mark,
        count_text=_("{count:,} {name}").format(count=len(which), name=mark.name),
        at_ns=timeline.jobs.ended_ns[which],
        row=row_of_job[which],
        text=lambda number: end_text(timeline, int(which[number]), mark.name),
    )


def _indices_of(outcome: Outcome, outcomes: tuple[Outcome, ...]) -> Integers:
    """Return where an outcome stands. `tuple.index` finds the next one in C; most jobs end well."""
    found, begin = [], 0
    with contextlib.suppress(ValueError):
        while True:
            found.append(outcomes.index(outcome, begin))
            begin = found[-1] + 1
    return np.array(found, dtype=np.int64)


def marked_and_binned(
    events: Sequence[RareEvents], most: int
) -> tuple[list[RareEvents], list[RareEvents]]:
    """Return the kinds that have a mark for each event, `most` marks at most, and the others."""
    # The rarest first: a kind of three must not lose its marks to one of thousands.
    marked: list[RareEvents] = []
    for rare in sorted(events, key=len):
        if sum(map(len, marked)) + len(rare) <= most:
            marked.append(rare)
    return marked, [rare for rare in events if rare not in marked]


def rare_text(marked: Sequence[RareEvents], binned: Sequence[RareEvents]) -> str:
    """Return how many events of each kind are in view, and which kinds are shown in bins."""
    texts = [f"<b>{rare.count_text}</b>" for rare in marked]
    texts += [
        _("{events}, counted in bins").format(events=f"<b>{rare.count_text}</b>") for rare in binned
    ]
    return " · ".join(texts)


MARK_PX, SMALL_MARK_PX = 12, 10
"""The size of a mark in a row of bars, and in a picture of many rows."""
SMALL_EDGE_PX = 2
ABOVE_ALL_ROWS = -0.5


def add_marks(plot: Plot, rare: RareEvents, size_px: int = MARK_PX) -> None:
    """Draw a mark for each event; the end of a job that was in no row stands at the upper edge."""
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": plot.axis.at(rare.at_ns),
            "y": np.where(rare.row < 0, ABOVE_ALL_ROWS, rare.row),
            "marker": _marker(plot, rare.mark, size_px),
            "customdata": [rare.text(number) for number in range(len(rare))],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(rare.mark.key or rare.mark.name, MARKS_RANK)
    )


def _marker(plot: Plot, mark: Mark, size_px: int) -> dict[str, object]:
    # A wide edge would fill a small mark.
    edge_px = mark.edge_px if size_px == MARK_PX else min(mark.edge_px, SMALL_EDGE_PX)
    edge = {"color": mark.edge_colour, "width": edge_px}
    size = plot.style.mark_px(size_px)
    return {"symbol": mark.symbol, "size": size, "color": plot.style.colour(mark), "line": edge}


def add_ends(plot: Plot, timeline: Timeline, numbers: Sequence[int]) -> None:
    """Mark the bad ends in view, in rows of the jobs with some rising numbers."""
    number, ended_ns = timeline.jobs.number, timeline.jobs.ended_ns
    # What an axis moves to its edge is out of view.
    shown = np.isin(number, numbers) & (plot.axis.clipped(ended_ns) == ended_ns)
    for rare in bad_ends(timeline, np.searchsorted(numbers, number), shown):
        add_marks(plot, rare)


RUG_PX, RUG_GAP_PX = 15, 2


def rug(events: Sequence[RareEvents], bins: Bins) -> Section:
    """Return the area of events that are too many for marks: a row a kind, a mark a bin."""

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


def counted(rare: RareEvents, bins: Bins) -> Integers:
    """Return how many events there are in each bin; one at the very end counts in the last."""
    which = np.minimum(bins.index(rare.at_ns), bins.count - 1)
    return np.bincount(which, minlength=bins.count).astype(np.int64)


def _add_rug(plot: Plot, rare: RareEvents, bins: Bins, row: int) -> None:
    count = counted(rare, bins)
    filled = np.flatnonzero(count)
    text = _("{count} {name} within {time}").format(
        count="%{customdata:,}", name=rare.mark.name, time=duration_text(bins.width_ns)
    )
    plot.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": plot.axis.at(bins.edges_ns[filled] + bins.width_ns // 2),
            "y": np.full(len(filled), row),
            "marker": _marker(plot, rare.mark, SMALL_MARK_PX),
            "customdata": count[filled],
            "hovertemplate": text + "<extra></extra>",
        }
        | plot.in_legend(rare.mark.key or rare.mark.name, MARKS_RANK)
    )
