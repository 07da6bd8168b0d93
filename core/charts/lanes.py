"""The rows of a run in exact bars: one trace a class of spans, over the outline of the ideal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from core.analysis.job_label import job_label
from core.analysis.span_classes import SpanClass, causes, class_of, span_classes, waits
from core.charts.axis import Window
from core.charts.figure import IDEAL_RANK, Plot
from core.charts.layout import as_text
from core.recording.events import NOBODY, lane_name
from core.spec.ideal import Schedule
from core.text.language import _, duration_text
from core.text.legible import shortened
from core.timeline.timeline import NO_CPU_TIME, Booleans, Cause, Integers, On, State, Timeline
from core.workloads.failures import failure_text

MAX_SPANS = 1_500
"""How many bars a browser paints at once without a wait that is felt."""


class LaneView(StrEnum):
    """What a row of the chart stands for."""

    JOBS = "jobs"
    WORKERS = "workers"


NUMBERS_UP_TO = 2**31
"""The largest number of a job that a run file may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The rows of one run's chart.

    `row` has for each of `spans` (indices into the timeline's spans) the row in which it stands.
    Rows of jobs have the `numbers` of these; rows of workers have none.
    """

    names: tuple[str, ...]
    spans: Integers
    row: Integers
    numbers: tuple[int, ...] = ()

    def chosen(self, mask: Booleans) -> "Lanes":
        """Return the same rows with some of the spans only."""
        return replace(self, spans=self.spans[mask], row=self.row[mask])


def jobs_in_view(tasks: int, timeline: Timeline | None, window: Window | None) -> Integers:
    """Return the numbers of the jobs that have a row, made already or yet to come.

    Args:
        tasks: How many jobs the settings foresee; a run may have made copies beyond them.
        timeline: What is measured of them.
        window: The jobs in view; None, or one without jobs, for all.
    """
    first, last = (window and window.jobs) or (0, max(tasks - 1, NUMBERS_UP_TO))
    foreseen = np.arange(first, min(last + 1, tasks), dtype=np.int64)
    if timeline is None:
        return foreseen
    made = timeline.jobs.number
    return np.union1d(foreseen, made[(made >= first) & (made <= last)])


MOST_OF_A_NAME = 32


def job_name(number: int, timeline: Timeline | None) -> str:
    """Return what a row calls a job: its own name, or its number, which is counted from 1."""
    return job_label(number, timeline, MOST_OF_A_NAME)


def job_lanes(numbers: Integers, timeline: Timeline | None, window: Window | None = None) -> Lanes:
    """Return a row for each job with one of some rising numbers, and its spans in the window."""
    spans, row = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if timeline is not None:
        spans = np.flatnonzero(_spans_of(timeline, numbers, window))
        row = np.searchsorted(numbers, timeline.spans.job[spans])
    return Lanes(
        names=tuple(job_name(number, timeline) for number in numbers.tolist()),
        spans=spans,
        row=row,
        numbers=tuple(numbers.tolist()),
    )


def worker_lanes(numbers: Integers, timeline: Timeline, window: Window | None = None) -> Lanes:
    """Return one row for each loop, thread or process that did something for some jobs.

    A worker that did nothing in the window keeps its row, so that rows stay where they were.
    """
    held = np.isin(timeline.spans.state, (State.RUNNING, State.WORKING))
    codes = np.unique(timeline.spans.lane[held & _spans_of(timeline, numbers, None)])
    spans = np.flatnonzero(held & _spans_of(timeline, numbers, window))
    return Lanes(
        names=tuple(lane_name(int(code)) for code in codes),
        spans=spans,
        row=np.searchsorted(codes, timeline.spans.lane[spans]),
    )


def _spans_of(timeline: Timeline, numbers: Integers, window: Window | None) -> Booleans:
    """Return which spans are of jobs from the first to the last of some, and in the window."""
    job = timeline.spans.job
    if not len(numbers):
        return np.zeros(len(job), dtype=np.bool_)
    # A range is enough: whatever job has spans was made, so between the first number and the last
    # it is one of them.
    chosen: Booleans = (job >= numbers[0]) & (job <= numbers[-1])
    return chosen & window.shows(timeline) if window else chosen


BAR_TEXT_PX = 13
USUAL_LANE_PX = 24
# Higher than any bar (0.86), so that the edge of an outline is seen around one that covers it.
OUTLINE_HEIGHT = 0.94
LABELLED_SHARE = 0.13
"""The share of the time axis from which a bar is wide enough for a word and a duration."""
# 24 rows of the usual height are as high as a run may be: more are too low for a text.
MAX_LABELLED_LANES = 24


def add_bars(plot: Plot, timeline: Timeline, lanes: Lanes, lane_px: float = USUAL_LANE_PX) -> None:
    """Draw the spans of a run into its rows of `lane_px`, with durations where bars hold a text."""
    number = class_of(timeline.spans)[lanes.spans]
    for each, look in span_classes().items():
        _add_class(plot, timeline, lanes.chosen(number == each), look, lane_px)


def _add_class(
    plot: Plot, timeline: Timeline, lanes: Lanes, look: SpanClass, lane_px: float
) -> None:
    if not len(lanes.spans):
        return
    colour = plot.style.colour(look)
    holds_text = plot.style.holds_text(lane_px * look.height)
    labelled = holds_text and len(lanes.names) <= MAX_LABELLED_LANES
    start_ns = plot.axis.clipped(timeline.spans.start_ns[lanes.spans])
    shown_ns = plot.axis.clipped(timeline.spans.end_ns[lanes.spans]) - start_ns
    plot.add(
        {
            "type": "bar",
            "x": plot.axis.scaled(shown_ns),
            "base": plot.axis.at(start_ns).tolist(),
            "y": lanes.row,
            "orientation": "h",
            "width": look.height,
            "text": _labels(plot, timeline, lanes, look, shown_ns) if labelled else None,
            "textposition": "inside",
            "insidetextanchor": "start",
            # Otherwise Plotly makes a text as small as it takes to fit.
            "constraintext": "none",
            "textangle": 0,
            "textfont": {
                "color": plot.style.text_colour(look),
                "size": plot.style.text_px(BAR_TEXT_PX),
            },
            "marker": {
                "color": colour,
                "line": {"color": colour, "width": look.edge_px},
            },
            "customdata": [
                span_text(timeline, int(span), look.name, plot.axis.origin_ns)
                for span in lanes.spans
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        | plot.in_legend(look.name, look.rank)
    )


def _labels(
    plot: Plot, timeline: Timeline, lanes: Lanes, look: SpanClass, shown_ns: Integers
) -> list[str]:
    """Return each bar's text: how long its span lasted, also of one that is not all in view."""
    least_ns = plot.axis.length_ns * LABELLED_SHARE
    durations: list[int] = timeline.spans.duration_ns[lanes.spans].tolist()
    names = [
        _("not begun") if waits_to_begin else look.bar_name
        for waits_to_begin in unbegun(timeline, lanes.spans).tolist()
    ]
    return [
        f"{name} {duration_text(duration)}" if shown > least_ns else ""
        for name, duration, shown in zip(names, durations, shown_ns.tolist(), strict=True)
    ]


def unbegun(timeline: Timeline, spans: Integers) -> Booleans:
    """Return which of some spans are waits of a job for its own beginning.

    That of one whose coroutine was made and never awaited lasts until its end, and the sentences
    say of such a job that it never began.
    """
    of_run = timeline.spans
    found: Booleans = (of_run.state[spans] == State.WAITING) & (of_run.on[spans] == On.START)
    return found


def add_outline(plot: Plot, best: Schedule, numbers: Sequence[int]) -> None:
    """Draw when each of some jobs would begin and end; a copy of a job has no such times."""
    foreseen = [number for number in numbers if number < len(best.start_ns)]
    start_ns, end_ns = (
        plot.axis.clipped(np.array([times[number] for number in foreseen], dtype=np.int64))
        for times in (best.start_ns, best.end_ns)
    )
    row = np.arange(len(start_ns))
    if plot.axis.start_ns is not None:
        row = np.flatnonzero(end_ns > start_ns)
    # Plotly fills the numbers in: a text for each job would take longer than all else of a small
    # chart, and be as large.
    text = _("job {number} in the ideal schedule: begins at {start}, lasts {duration}").format(
        number="%{customdata:,}",
        start=f"%{{base:.4~g}} {plot.axis.unit}",
        duration=f"%{{x:.4~g}} {plot.axis.unit}",
    )
    plot.add(
        {
            "type": "bar",
            "x": plot.axis.scaled(end_ns[row] - start_ns[row]),
            "base": plot.axis.at(start_ns[row]).tolist(),
            "y": row,
            "orientation": "h",
            # Below all bars, as it is the first bar trace of its plot: `barmode` is "overlay".
            "width": OUTLINE_HEIGHT,
            "marker": {
                "color": plot.style.ideal_bar,
                "line": {"color": plot.style.ideal_line, "width": 1},
            },
            "customdata": [foreseen[place] + 1 for place in row.tolist()],
            "hovertemplate": text + "<extra></extra>",
        }
        | plot.in_legend(_("ideal"), IDEAL_RANK)
    )


LABEL_PX = 16
"""The height that the name of a row needs."""


def name_rows(plot: Plot, names: Sequence[str], *, is_tree: bool = False) -> None:
    """Write the names of the rows, of as many as have room one below another.

    Those of a tree stand to the left, so that it is seen how far each is indented.
    """
    if is_tree:
        plot.parts.trees.append(plot.y)
    step = -(-len(names) // max(1, plot.room_for(LABEL_PX))) or 1
    plot.update_y(
        tickvals=list(range(0, len(names), step)),
        ticktext=[as_text(name) for name in names[::step]],
        range=[max(len(names), 1) - 0.5, -0.5],
        showgrid=False,
    )


MOST_CHARACTERS = 100


def span_text(timeline: Timeline, span: int, name: str, origin_ns: int = 0) -> str:
    """Return what a pointer over a span reads: state, duration, place, as Plotly's own HTML.

    `<br>` parts its lines; names and places from the run are shown as they were written. Its times
    are those of the axis, on which the run began at `origin_ns`.
    """
    spans = timeline.spans
    state = int(spans.state[span])
    on = int(spans.on[span]) if state == State.WAITING else None
    lines = [
        _("{job}: {state} {duration}").format(
            job=job_name(int(spans.job[span]), timeline),
            state=_("not begun") if on == On.START else name,
            duration=duration_text(int(spans.end_ns[span] - spans.start_ns[span])),
        ),
        _("from {start} to {end}").format(
            start=duration_text(int(spans.start_ns[span]) + origin_ns),
            end=duration_text(int(spans.end_ns[span]) + origin_ns),
        ),
    ]
    if on is not None and on != On.START:
        lines.append(_("on: {on}").format(on=waits()[On(on)]))
    if (holder := int(spans.holder[span])) != NOBODY:
        lines.append(_("held by: {job}").format(job=job_name(holder, timeline)))
    if state in (State.RUNNING, State.WORKING):
        lines.append(
            _("lane: {lane}").format(lane=shortened(timeline.lane_text(span), MOST_CHARACTERS))
        )
    if spans.cpu_ns[span] != NO_CPU_TIME:
        lines.append(_("CPU time: {cpu}").format(cpu=duration_text(int(spans.cpu_ns[span]))))
    if where := timeline.code_at(int(spans.site[span])):
        lines.append(_("where: {where}").format(where=shortened(where, MOST_CHARACTERS)))
    if cause := causes().get(Cause(int(spans.cause[span]))):
        lines.append(_("mostly: {cause}").format(cause=cause))
    return "<br>".join(as_text(line) for line in lines)


def end_text(timeline: Timeline, job: int, name: str) -> str:
    """Return what a pointer over the mark of a job's end reads; a long message is cut off."""
    error = timeline.jobs.error[job]
    reason = shortened(f": {error.kind}: {failure_text(error)}", MOST_CHARACTERS) if error else ""
    return as_text(f"{job_name(int(timeline.jobs.number[job]), timeline)} {name}{reason}")
