"""The lanes of a large run: what its rows stand for, their picture, and the marks upon it.

Rows of jobs that follow one another would be a thin diagonal. So few jobs at once stand in slots:
the first job to end frees its slot for the next one to begin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from core.analysis.job_label import job_label
from core.analysis.span_classes import COUNT, class_of, span_classes
from core.charts.density import Amounts, Bins, Density, Detail, Floats, Stretches, amounts, picture
from core.charts.figure import Plot
from core.charts.lanes import MOST_OF_A_NAME, LaneView
from core.charts.layout import Section
from core.charts.marks import (
    SMALL_MARK_PX,
    RareEvents,
    add_marks,
    bad_ends,
    blocking_spans,
    marked_and_binned,
    rare_text,
    rug,
)
from core.recording.events import lane_name
from core.text.language import _, duration_text
from core.timeline.timeline import Booleans, Integers, State, Timeline

# Fewer jobs to a slot make no diagonal: a row for each of them is still to be read.
JOBS_A_SLOT = 4
# `np.bincount` makes an array as long as its largest number, 8 MB here; `np.unique` sorts.
COUNTED_UP_TO = 1_000_000


class RowKind(Enum):
    """What a row stands for; a slot is called a place where people read."""

    JOB = auto()
    WORKER = auto()
    SLOT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSet:
    """The rows of a run, from top to bottom, and which spans are shown in them.

    `of_span` has the row of each of `spans`, indices into the timeline's spans; `of_job` that of
    each job in the order of the timeline's, -1 for a job that is shown nowhere. Rows are counted
    from that of the first job in view, `first`.
    """

    kind: RowKind
    names: tuple[str, ...]
    count: int
    first: int
    spans: Integers | slice
    of_span: Integers
    of_job: Integers

    @property
    def have_all_spans(self) -> bool:
        """Whether every span of the run is shown in some row."""
        return isinstance(self.spans, slice)


def lane_set_of(timeline: Timeline, view: LaneView, jobs: tuple[int, int]) -> LaneSet:
    """Return the rows of a run: its workers if a pool did its jobs, else these or their slots.

    Where few jobs are under way at once, they are shown in the slots that they take. `jobs` are
    the first and the last one in view.
    """
    spans = timeline.spans
    held = (spans.state == State.RUNNING) | (spans.state == State.WORKING)
    has_pool = timeline.spec is not None and (spans.state == State.WORKING).any()
    if view is LaneView.WORKERS or has_pool:
        return _workers(timeline, held)
    slot = slots(timeline.jobs.created_ns, timeline.jobs.ended_ns)
    count = int(slot.max(initial=-1)) + 1
    if 0 < count * JOBS_A_SLOT <= len(slot):
        return _by_job(timeline, slot, RowKind.SLOT, (0, count - 1))
    return _by_job(timeline, timeline.jobs.number, RowKind.JOB, jobs)


def _by_job(timeline: Timeline, row: Integers, kind: RowKind, shown: tuple[int, int]) -> LaneSet:
    row = row - shown[0]
    number, job = timeline.jobs.number, timeline.spans.job
    none_missing = len(number) == 0 or number[-1] == len(number) - 1
    own = job if none_missing else np.searchsorted(number, job)
    return LaneSet(
        kind=kind,
        names=_names(timeline, shown) if kind is RowKind.JOB else (),
        count=shown[1] - shown[0] + 1,
        first=shown[0],
        spans=slice(None),
        of_span=row[own],
        of_job=row,
    )


def _names(timeline: Timeline, shown: tuple[int, int]) -> tuple[str, ...]:
    """Return what somebody's own program calls its jobs, if these are few; else none."""
    if timeline.spec is not None or shown[1] - shown[0] >= MAX_NAMED:
        return ()
    return tuple(job_label(n, timeline, MOST_OF_A_NAME) for n in range(shown[0], shown[1] + 1))


def _workers(timeline: Timeline, held: Booleans) -> LaneSet:
    spans = np.flatnonzero(held)
    lanes = timeline.spans.lane[spans]
    codes = _different(lanes)
    of_span = np.searchsorted(codes, lanes)
    job = timeline.spans.job[spans]
    last = np.searchsorted(job, timeline.jobs.number, side="right") - 1
    seen = (last >= 0) & (job[last] == timeline.jobs.number) if len(job) else last >= 0
    return LaneSet(
        kind=RowKind.WORKER,
        names=tuple(lane_name(int(code)) for code in codes),
        count=max(1, len(codes)),
        first=0,
        spans=spans,
        of_span=of_span,
        of_job=np.where(seen, of_span[last] if len(of_span) else -1, -1),
    )


def _different(codes: Integers) -> Integers:
    """Return the different ones of some codes; those of most runs are small, and counted fast."""
    if not len(codes) or codes.max() > COUNTED_UP_TO:
        return np.unique(codes)
    return np.flatnonzero(np.bincount(codes))


def slots(start_ns: Integers, end_ns: Integers) -> Integers:
    """Return the slot of each job if each takes the one that has been free for longest.

    There are as many slots as jobs were there at once. So when the next job begins, the first to
    end of the jobs whose slots nobody has taken yet has ended: who follows whom is known from two
    sorted columns, and all who follow one another are in one slot.
    """
    count = len(start_ns)
    ended_ns = np.maximum(end_ns, start_ns + 1)
    by_start, by_end = np.argsort(start_ns, kind="stable"), np.argsort(ended_ns, kind="stable")
    ended_before = np.searchsorted(ended_ns[by_end], start_ns[by_start], side="right")
    at_once = int((np.arange(1, count + 1) - ended_before).max(initial=0))
    rank = np.empty(count, dtype=np.int64)
    rank[by_start] = np.arange(count)
    first = np.arange(count)
    first[at_once:] = rank[by_end[: count - at_once]]
    # Each round doubles how far a job looks back, so the longest chain of followers takes log2
    # of its length.
    while (first >= at_once).any():
        first = first[first]
    return first[rank]


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseLanes:
    """The lanes of a run, reduced to what a screen can show of them.

    Attributes:
        detail: How finely they are drawn.
        lanes: What the rows stand for.
        found: The time by class, row and bin.
        marked: The kinds of rare events that have a mark for each event.
        binned: The kinds that are counted in `rug_bins`.
    """

    detail: Detail
    lanes: LaneSet
    found: Density
    marked: Sequence[RareEvents]
    binned: Sequence[RareEvents]
    rug_bins: Bins

    @property
    def time_by_class(self) -> Floats | None:
        """How long all jobs were in each class of spans, by class and bin; None if not known.

        It is the sum over the rows, so that all spans are gone through once; rows of workers do not
        have them all.
        """
        if not self.lanes.have_all_spans:
            return None
        return self.found.time_by_class(self.detail.columns_a_bin)

    @property
    def events_text(self) -> str:
        """How many rare events of each kind there are."""
        return rare_text(self.marked, self.binned)

    def sections(self) -> list[Section]:
        """Return the area of the lanes, and below it that of the events without marks."""
        drawn = [lanes_section(self.found, self.lanes, self.marked, self.detail)]
        return [*drawn, rug(self.binned, self.rug_bins)] if self.binned else drawn


def dense_lanes(
    timeline: Timeline, view: LaneView, jobs: tuple[int, int], stretch: Bins, detail: Detail
) -> DenseLanes:
    """Return the lanes of the jobs from the first to the last of `jobs`.

    Args:
        timeline: The run, with the jobs in view only.
        view: What a row stands for.
        jobs: The numbers of the first and the last job in view.
        stretch: The time in view, in the bins of the curves.
        detail: How finely to draw.
    """
    lanes = lane_set_of(timeline, view, jobs)
    columns = Bins.over(stretch.start_ns, stretch.end_ns, detail.columns)
    marked, binned = marked_and_binned(rare_events(timeline, lanes, stretch), detail.marks)
    return DenseLanes(
        detail=detail,
        lanes=lanes,
        found=density(timeline, lanes, columns, detail.rows),
        marked=marked,
        binned=binned,
        rug_bins=Bins.over(stretch.start_ns, stretch.end_ns, detail.rug),
    )


def rare_events(timeline: Timeline, lanes: LaneSet, bins: Bins) -> list[RareEvents]:
    """Return the kinds of rare events in the bins; bad ends only of a run that has ended."""
    spans, ended_ns = timeline.spans, timeline.jobs.ended_ns
    which = np.flatnonzero(
        spans.is_blocking & (spans.start_ns <= bins.end_ns) & (spans.end_ns >= bins.start_ns)
    )
    # Rows of workers show some spans only, but all that ran on a loop, as blocking ones did.
    at = which if isinstance(lanes.spans, slice) else np.searchsorted(lanes.spans, which)
    blocking = blocking_spans(timeline, which, lanes.of_span[at], bins.start_ns)
    shown = (ended_ns >= bins.start_ns) & (ended_ns <= bins.end_ns)
    ends = bad_ends(timeline, lanes.of_job, shown)
    return [blocking, *ends] if len(blocking) else ends


def density(timeline: Timeline, lanes: LaneSet, bins: Bins, most_rows: int) -> Density:
    """Return how long the lanes of a run were in each class of spans."""
    per_row = -(-lanes.count // most_rows)
    rows = -(-lanes.count // per_row)
    spans = timeline.spans
    number = class_of(spans)[lanes.spans]
    classes = np.flatnonzero(np.bincount(number, minlength=COUNT))
    # The classes that occur have a block of rows each, one after another, so that one table holds
    # all and one pass over the spans fills it.
    place = np.zeros(COUNT, dtype=np.int64)
    place[classes] = rows * np.arange(len(classes))
    found: Amounts = amounts(
        Stretches(
            row=place[number] + lanes.of_span // per_row,
            start_ns=spans.start_ns[lanes.spans],
            end_ns=spans.end_ns[lanes.spans],
        ),
        len(classes) * rows,
        bins,
    )
    shape = (len(classes), rows, bins.count)
    return Density(
        classes=classes,
        bins=bins,
        per_row=per_row,
        lanes=lanes.count,
        time_ns=found.time_ns.reshape(shape),
        begun=found.begun.reshape(shape).sum(axis=0),
    )


# 16 lanes of 14 pixels fill the highest area: beyond, a lane is lower than its name.
LEAST_PX, MOST_PX, LANE_PX = 36, 220, 14
MAX_NAMED = 16
TICKS = 4


def lanes_section(
    found: Density, lanes: LaneSet, events: Sequence[RareEvents], detail: Detail
) -> Section:
    """Return the area of the lanes."""

    def draw(plot: Plot) -> None:
        _add_picture(plot, found, detail)
        _add_hover(plot, found, lanes, detail)
        for rare in events:
            add_marks(plot, rare, SMALL_MARK_PX)
        _name_rows(plot, lanes)

    height_px = min(MOST_PX, max(LEAST_PX, LANE_PX * lanes.count))
    return Section(height_px=height_px, draw=draw)


def _add_picture(plot: Plot, found: Density, detail: Detail) -> None:
    bins, unit_ns = found.bins, plot.axis.unit_ns
    plot.image(
        source=picture(found, detail, plot.style),
        x=plot.axis.at_one(bins.start_ns),
        sizex=bins.width_ns * bins.count / unit_ns,
        y=-0.5,
        sizey=found.rows * found.per_row,
        xanchor="left",
        yanchor="top",
        # Otherwise ("contain") Plotly keeps the proportions of the picture.
        sizing="stretch",
    )


def _add_hover(plot: Plot, found: Density, lanes: LaneSet, detail: Detail) -> None:
    """Let a pointer rest on cells that sum up parts of the picture."""
    rows = -(-found.rows // detail.hover_rows)
    columns = -(-found.bins.count // detail.hover_columns)
    cells = found.coarser(rows, columns)
    seen = cells.time_ns.any(axis=(1, 2))
    numbers = [cells.begun, *([] if lanes.names else _numbers_of_cells(cells, lanes))]
    text = _cell_text(cells, lanes, cells.classes[seen].tolist())
    # Float32 halves the bytes, and its seven digits are more than the three that are shown.
    table = np.concatenate([cells.shares[seen], np.array(numbers)]).astype(np.float32)
    unit_ns = plot.axis.unit_ns
    plot.add(
        {
            "type": "heatmap",
            "z": np.zeros(cells.begun.shape, dtype=np.uint8),
            "x0": plot.axis.at_one(cells.bins.start_ns + cells.bins.width_ns / 2),
            "dx": cells.bins.width_ns / unit_ns,
            "y0": (cells.per_row - 1) / 2,
            "dy": cells.per_row,
            # A heatmap finds what is below a pointer by its place: it need not be painted.
            "opacity": 0,
            "showscale": False,
            "customdata": np.moveaxis(table, 0, 2),
            "hovertemplate": text + "<extra></extra>",
        }
        | _names_of_cells(cells, lanes)
    )


def _numbers_of_cells(cells: Density, lanes: LaneSet) -> tuple[Integers, Integers]:
    """Return the numbers, counted from 1, of the first and the last row of each cell."""
    rows = lanes.first + 1 + cells.per_row * np.arange(cells.rows)
    first = np.broadcast_to(rows[:, None], cells.begun.shape)
    return first, np.minimum(first + cells.per_row - 1, lanes.first + lanes.count)


def _names_of_cells(cells: Density, lanes: LaneSet) -> dict[str, object]:
    """Return the names of the workers in each cell; jobs and slots have numbers instead."""
    if not lanes.names:
        return {}
    rows = range(0, lanes.count, cells.per_row)
    held = [lanes.names[row : row + cells.per_row] for row in rows]
    names = [each[0] if len(each) == 1 else f"{each[0]} … {each[-1]}" for each in held]
    return {"text": [[name] * cells.bins.count for name in names]}


def _cell_text(cells: Density, lanes: LaneSet, classes: Sequence[int]) -> str:
    looks = span_classes()
    begun, first, last = (f"%{{customdata[{len(classes) + n}]:,.0f}}" for n in range(3))
    heading = _cell_heading(lanes, alone=cells.per_row == 1).format(
        first=first, last=last, time=duration_text(cells.bins.width_ns)
    )
    lines = [f"{looks[number].name}: %{{customdata[{n}]:.3~p}}" for n, number in enumerate(classes)]
    count = _("spans that begin here: {count}").format(count=begun)
    return "<br>".join([heading, *lines, count])


def _cell_heading(lanes: LaneSet, *, alone: bool) -> str:
    if lanes.names:
        return "%{{text}}, {time}"
    if lanes.kind is RowKind.JOB:
        return _("job {first}, {time}") if alone else _("jobs {first} to {last}, {time}")
    return _("place {first}, {time}") if alone else _("places {first} to {last}, {time}")


def _name_rows(plot: Plot, lanes: LaneSet) -> None:
    if lanes.kind is RowKind.JOB:
        plot.note_jobs(range(lanes.first, lanes.first + lanes.count))
    shown = _shown(lanes.count)
    plot.update_y(
        range=[lanes.count - 0.5, -0.5],
        tickvals=list(shown),
        ticktext=[lanes.names[row] for row in shown] if lanes.names else _numbered(lanes, shown),
        showgrid=False,
    )


def _numbered(lanes: LaneSet, shown: range) -> list[str]:
    """Return the numbers of rows; the first also says what they count."""
    first, *others = (f"{lanes.first + row + 1:,}" for row in shown)
    named = _("job {number}") if lanes.kind is RowKind.JOB else _("place {number}")
    return [named.format(number=first), *others]


def _shown(count: int) -> range:
    if count <= MAX_NAMED:
        return range(count)
    return range(0, count, -(-count // TICKS))
