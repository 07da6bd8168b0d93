"""A Gantt chart made of text: runs one below another on one time axis."""

import math
from collections.abc import Sequence

import numpy as np

from core.analysis.figures import Headline
from core.analysis.span_classes import BLOCKING, end_marks, in_order_of_life, span_classes
from core.analysis.summary import run_name
from core.text.language import _, duration_text, ngettext, number_text
from core.text.legible import display_width, padded
from core.timeline.timeline import Integers, State, Timeline

MAX_ROWS = 40
MIN_ROWS_PER_RUN = 4
MIN_CELLS = 20
CELLS_PER_TICK = 14

NOTHING = " "
RUN_END = "|"


def chart(timelines: Sequence[Timeline], *, width: int, max_rows: int = MAX_ROWS) -> str:
    """Return runs as lines of text: a title each, one row a job, then the axis and the legend.

    A character stands for the state that took most of its time, except that blocking and an end
    other than a success always show.

    Args:
        timelines: At least one run; speed-ups count against the first.
        width: How many characters a line may have.
        max_rows: About how many jobs to show of all runs together; what is left out is counted.
    """
    rows = max(MIN_ROWS_PER_RUN, max_rows // len(timelines))
    gutter = max(display_width(name) for each in timelines for name in _names(each, rows)) + 1
    cells = max(MIN_CELLS, width - gutter - len(RUN_END))
    span_ns = max(1, *(_last_ns(each) for each in timelines))
    edges = np.linspace(0, span_ns, cells + 1).round().astype(np.int64)
    lines = []
    for timeline in timelines:
        lines += [_title(timeline, timelines[0]), *_rows(timeline, rows, gutter, edges), ""]
    return "\n".join([*lines, *_axis(gutter, edges), "", legend(span_ns / cells)])


def legend(cell_ns: float) -> str:
    """Return what each character means, in words; `cell_ns` is the time that one stands for."""
    words = [
        *((each.sign, each.meaning) for each in in_order_of_life() if each.sign),
        (
            " ".join(each.sign for each in end_marks().values()),
            _("the job failed, was cancelled, or was lost"),
        ),
        (RUN_END, _("end of the run")),
    ]
    scale = _("One character is {time}, shown as the state that took most of it.")
    lines = [f"  {padded(sign, 6)}{meaning}" for sign, meaning in words]
    return "\n".join([scale.format(time=duration_text(cell_ns)), *lines])


def _last_ns(timeline: Timeline) -> int:
    return max(timeline.wall_ns, int(timeline.jobs.ended_ns.max(initial=0)))


def _names(timeline: Timeline, rows: int) -> list[str]:
    return [
        _("job {number}").format(number=int(number) + 1) for number in timeline.jobs.number[:rows]
    ] or [""]


def _title(timeline: Timeline, first: Timeline) -> str:
    told = Headline(
        spec=timeline.spec,
        timeline=timeline,
        baseline=None if timeline is first else first,
        ended_early=not timeline.finished,
    )
    return told.text(name=run_name(timeline.spec), between=": ")


def _rows(timeline: Timeline, rows: int, gutter: int, edges: Integers) -> list[str]:
    names = _names(timeline, rows)
    lines = [
        (padded(name, gutter) + _row(timeline, row, edges)).rstrip()
        for row, name in enumerate(names)
        if len(timeline.jobs)
    ]
    if left_out := len(timeline.jobs) - len(lines):
        text = ngettext("{count} more job is left out", "{count} more jobs are left out", left_out)
        lines.append(" " * gutter + text.format(count=number_text(left_out)))
    return lines


def _row(timeline: Timeline, row: int, edges: Integers) -> str:
    signs = _signs(timeline, int(timeline.jobs.number[row]), edges)
    if mark := end_marks().get(timeline.jobs.outcome[row]):
        signs[_cell(int(timeline.jobs.ended_ns[row]), edges)] = mark.sign
    after_end = _cell(timeline.wall_ns, edges) + 1
    signs.append(NOTHING)
    if signs[after_end] == NOTHING:
        signs[after_end] = RUN_END
    return "".join(signs)


def _cell(at_ns: int, edges: Integers) -> int:
    """Return the cell that a moment lies in; one on an edge ends the cell before it."""
    return max(0, int(np.searchsorted(edges, at_ns)) - 1)


def _signs(timeline: Timeline, job: int, edges: Integers) -> list[str]:
    spans = timeline.spans
    of_job = slice(*np.searchsorted(spans.job, [job, job + 1]))
    state, start_ns, end_ns = spans.state[of_job], spans.start_ns[of_job], spans.end_ns[of_job]
    blocking = spans.is_blocking[of_job]
    took = np.stack([_covered(start_ns[state == s], end_ns[state == s], edges) for s in State])
    blocked = _covered(start_ns[blocking], end_ns[blocking], edges)
    most = took.argmax(axis=0)
    sign = {number: each.sign for number, each in span_classes().items()}
    return [
        sign[BLOCKING] if blocked[cell] else sign[most[cell]] if took[:, cell].any() else NOTHING
        for cell in range(len(edges) - 1)
    ]


def _covered(start_ns: Integers, end_ns: Integers, edges: Integers) -> Integers:
    """Return how much of each cell a job's spans cover, in nanoseconds."""
    until: Integers = np.clip(edges[:, np.newaxis], start_ns, end_ns).sum(axis=1)
    return np.diff(until)


def _axis(gutter: int, edges: Integers) -> list[str]:
    """Return the axis: marks at round times, and the times below them."""
    cells, end_ns = len(edges) - 1, int(edges[-1])
    step_ns = _round_step(end_ns * CELLS_PER_TICK / cells)
    marks, labels = ["-"] * cells, ""
    for at_ns in range(0, end_ns, step_ns):
        at = at_ns * cells // end_ns
        marks[at] = "+"
        label = duration_text(at_ns) if at_ns else "0"
        if at + len(label) <= cells:
            labels = padded(labels, at) + label
    return [" " * gutter + "".join(marks), " " * gutter + labels]


def _round_step(least_ns: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... nanoseconds that is not below `least_ns`."""
    power: int = 10 ** math.ceil(math.log10(max(1.0, least_ns / 5)))
    return next(step for step in (power, 2 * power, 5 * power) if step >= least_ns)
