"""What a shell shows of runs, measured or saved: a table, a chart of text, what was printed."""

import io
import math
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from core.analysis.figures import Headline, figure_rows
from core.analysis.findings_text import findings_text
from core.analysis.job_label import job_label
from core.analysis.processes import began_ns, began_text
from core.analysis.side_by_side import caveats, differences, run_names
from core.analysis.span_classes import BLOCKING, end_marks, in_order_of_life, span_classes
from core.analysis.summary import explain
from core.analysis.task_tree import ALL, Fold, TaskRows, task_rows
from core.analysis.unknown import left_out, unknown
from core.errors import BadFile, BadValue
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.runfile import load_from
from core.text.language import _, duration_text, lazy, ngettext, number_text
from core.text.legible import display_width, padded, shortened, table, wrapped
from core.timeline.timeline import Integers, State, Timeline

STDIN = "-"
MAX_LOG_LINES = 40
AT_WIDTH = 14
INDENT = "  "
"""Before each line of a sentence but its first."""

MAX_ROWS = 40
MOST_OF_A_NAME = 24
MIN_ROWS_PER_RUN = 4
MIN_CELLS = 20  # a chart of fewer is wider than its terminal instead
CELLS_PER_TICK = 14

NOTHING = " "
RUN_END = "|"


def report(timelines: Sequence[Timeline], *, width: int, fold: Fold = ALL) -> str:
    """Return all that is shown of runs, as text of `width` characters a line."""
    parts = [
        summary(timelines, width=width),
        chart(timelines, width=width, fold=fold),
        notes(timelines, width=width),
    ]
    names = run_names([each.program for each in timelines])
    parts += [
        transcript(each, name, width=width)
        for name, each in zip(names, timelines, strict=True)
        if each.log
    ]
    return "\n\n".join(parts)


def summary(timelines: Sequence[Timeline], *, width: int) -> str:
    """Return the table of numbers: one row a run; speed-ups count against the first."""
    return table(figure_rows(timelines, brief=True), numbers_from=1, width=width)


def notes(timelines: Sequence[Timeline], *, width: int) -> str:
    """Return the sentences under the chart, and what else a reader of the table must know."""
    sentences = [explain(timelines)]
    names = run_names([each.program for each in timelines])
    for name, timeline in zip(names, timelines, strict=True):
        sentences += [f"{name}: {text}" for text in _notes_on_run(timeline)]
    sentences.append(caveats(timelines))
    return "\n".join(wrapped(each, width, indent=INDENT) for each in sentences if each)


def _notes_on_run(timeline: Timeline) -> list[str]:
    texts = []
    if found := findings_text(timeline):
        texts.append(found)
    return texts + left_out(timeline) + unknown(timeline)


def transcript(timeline: Timeline, name: str, *, width: int) -> str:
    """Return what a run that is called so printed, each line with its time since the start."""
    shown = timeline.log[:MAX_LOG_LINES]
    lines = [_("{name} printed:").format(name=name)]
    for line in shown:
        text = f"{duration_text(line.at_ns):>{AT_WIDTH}}  {shortened(line.text)}".rstrip()
        lines.append(wrapped(text, width, indent=" " * (AT_WIDTH + 2)))
    if left_out := len(timeline.log) - len(shown):
        text = ngettext(
            "{count} more line is left out", "{count} more lines are left out", left_out
        )
        lines.append(" " * (AT_WIDTH + 2) + text.format(count=number_text(left_out)))
    return "\n".join(lines)


def shown(paths: Sequence[str], *, width: int, folds: bool = True) -> str:
    """Return the report of all runs in some files, after what does not compare in them.

    `folds` is whether tasks of libraries are folded away.

    Raises:
        BadFile: If one cannot be read.
    """
    timelines = read_runs(paths)
    sentences = [wrapped(each, width, indent=INDENT) for each in differences(timelines)]
    return "\n".join([*sentences, report(timelines, width=width, fold=Fold(libraries=folds))])


def exported(paths: Sequence[str], format_name: str, run: int | None) -> bytes:
    """Return the runs of some files, or the `run`-th of them from 1, in another format.

    Raises:
        BadFile: If one cannot be read.
        BadValue: If there is no such run, or the format takes one run and there are several.
    """
    from core.exports import EXPORTS  # noqa: PLC0415 - pandas and plotly take a second

    timelines = read_runs(paths)
    if run is not None and not 1 <= run <= len(timelines):
        allowed = lazy("it must be from 1 to {most}", most=len(timelines))
        raise BadValue("run", run, allowed)
    chosen = timelines if run is None else [timelines[run - 1]]
    export = EXPORTS[format_name]
    if export.takes_one and len(chosen) > 1:
        allowed = lazy(
            "it takes one run, and there are {count}: choose one with --run", count=len(chosen)
        )
        raise BadValue("format", format_name, allowed)
    if export.needs_spec and any(each.spec is None for each in chosen):
        allowed = lazy("it is made of settings, and a program of one's own has none")
        raise BadValue("format", format_name, allowed)
    return export.make(chosen)


def read_runs(paths: Sequence[str]) -> list[Timeline]:
    """Return the runs of some files, in their order.

    Raises:
        BadFile: With the name of the first file that cannot be read.
    """
    return [timeline for path in paths for timeline in _read(path)]


def _read(path: str) -> list[Timeline]:
    place = lazy("standard input") if path == STDIN else path
    try:
        with _opened(path) as file:
            return load_from(file)
    except OSError as error:
        raise BadFile(place, str(error.strerror)) from error
    except BadFile as error:
        raise BadFile(place, error) from error


def _opened(path: str) -> AbstractContextManager[io.BufferedReader]:
    if path != STDIN:
        return Path(path).open("rb")
    if sys.stdin is None:  # the shell closed it before Python began
        raise BadFile("", lazy("it is closed"))
    return nullcontext(cast("io.BufferedReader", sys.stdin.buffer))


def chart(
    timelines: Sequence[Timeline], *, width: int, max_rows: int = MAX_ROWS, fold: Fold = ALL
) -> str:
    """Return runs as lines of text: a title each, one row a job, then the axis and the legend.

    A character stands for the state that took most of its time, except that blocking and an end
    other than a success always show.

    Args:
        timelines: At least one run; speed-ups count against the first.
        width: How many characters a line may have.
        max_rows: About how many jobs to show of all runs together; what is left out is counted.
        fold: What is not shown of the tasks of somebody's own programs; that is counted, too.
    """
    # Several runs share the rows, but each has enough to show whether its jobs overlap.
    rows = max(MIN_ROWS_PER_RUN, max_rows // len(timelines))
    in_rows = [_InRows(each, task_rows(each, fold)) for each in timelines]
    gutter = max(display_width(name) for each in in_rows for name in each.names(rows)) + 1
    cells = max(MIN_CELLS, width - gutter - len(RUN_END))
    began = began_ns(timelines)
    span_ns = max(
        1, *(at_ns + _last_ns(each) for at_ns, each in zip(began, timelines, strict=True))
    )
    edges = np.linspace(0, span_ns, cells + 1).round().astype(np.int64)
    lines = []
    names = run_names([each.program for each in timelines])
    for name, each, at_ns in zip(names, in_rows, began, strict=True):
        headline = _title(each.whole, timelines[0], name)
        titled = ", ".join(filter(None, [headline, began_text(each.whole.program, at_ns)]))
        title = wrapped(titled, width, indent=INDENT)
        lines += [title, *_rows(each, rows, gutter, edges - at_ns), *each.folded(width), ""]
    return "\n".join([*lines, *_axis(gutter, edges), "", legend(span_ns / cells, width=width)])


def legend(cell_ns: float, *, width: int) -> str:
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
    return "\n".join(
        [
            wrapped(scale.format(time=duration_text(cell_ns)), width, indent=INDENT),
            *(wrapped(line, width, indent=" " * 8) for line in lines),
        ]
    )


def _last_ns(timeline: Timeline) -> int:
    return max(timeline.wall_ns, int(timeline.jobs.ended_ns.max(initial=0)))


@dataclass(frozen=True, slots=True)
class _InRows:
    """A run and its rows, where these are not its jobs as they are."""

    whole: Timeline
    rows: TaskRows | None

    @property
    def timeline(self) -> Timeline:
        """The run with the jobs that have a row."""
        return self.whole if self.rows is None else self.rows.timeline

    def names(self, count: int) -> list[str]:
        """Return the names of the first rows; one for the width of the gutter if there are none."""
        numbers = self.timeline.jobs.number[:count].tolist()
        if self.rows is not None:
            return [self.rows.label(row, MOST_OF_A_NAME) for row in numbers] or [""]
        return [job_label(number, self.whole, MOST_OF_A_NAME) for number in numbers] or [""]

    def folded(self, width: int) -> list[str]:
        """Return the line that says what has no row, and how it gets one."""
        text = "" if self.rows is None else self.rows.folded_text()
        if not text:
            return []
        how = _("--all shows them.")
        return [wrapped(f"{text} {how}", width, indent=INDENT)]


def _title(timeline: Timeline, first: Timeline, name: str) -> str:
    headline = Headline(
        program=timeline.program,
        timeline=timeline,
        baseline=None if timeline is first else first,
        ended_early=not timeline.finished,
    )
    return headline.text(name=name, between=": ")


def _rows(run: _InRows, rows: int, gutter: int, edges: Integers) -> list[str]:
    # A run without jobs has a name for the width of the gutter, and no row.
    names, timeline = run.names(rows), run.timeline
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
    # Next to the cell in which the run ends, and only where no job went on: a job's sign says more.
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
    # Spans are sorted by job, so those of one are a slice: no mask over all of them for each row.
    of_job = slice(*np.searchsorted(spans.job, [job, job + 1]))
    state, start_ns, end_ns = spans.state[of_job], spans.start_ns[of_job], spans.end_ns[of_job]
    blocking = spans.is_blocking[of_job]
    took = np.stack([_covered(start_ns[state == s], end_ns[state == s], edges) for s in State])
    blocked = _covered(start_ns[blocking], end_ns[blocking], edges)
    # Of equal times the first state wins; a blocking step shows however short its part of the cell.
    most = took.argmax(axis=0)
    sign = {number: each.sign for number, each in span_classes().items()}
    return [
        sign[BLOCKING] if blocked[cell] else sign[most[cell]] if took[:, cell].any() else NOTHING
        for cell in range(len(edges) - 1)
    ]


def _covered(start_ns: Integers, end_ns: Integers, edges: Integers) -> Integers:
    """Return how much of each cell a job's spans cover, in nanoseconds."""
    # What is covered up to each edge; the differences are what is covered between two.
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
        # A label that would stand beyond the axis is left out; its mark stays.
        if at + len(label) <= cells:
            labels = padded(labels, at) + label
    return [" " * gutter + "".join(marks), " " * gutter + labels]


def _round_step(least_ns: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... nanoseconds that is not below `least_ns`."""
    # Divided by 5, since 5 * power is the largest step that is tried before the next power.
    power: int = 10 ** math.ceil(math.log10(max(1.0, least_ns / 5)))
    return next(step for step in (power, 2 * power, 5 * power) if step >= least_ns)


PATTERNS_SCHEMA = "loopscope/patterns@1"


def pattern_table(*, width: int) -> str:
    """Return the patterns as a table, in the order in which they are taught."""
    heading = (_("pattern"), _("kind of job"), _("in flight"), _("what it does"))
    rows = [
        (pattern.name, str(pattern.arranges), str(pattern.at_once), _said_of(pattern))
        for pattern in PATTERNS.values()
    ]
    return table([heading, *rows], numbers_from=len(heading), width=width)


def _said_of(pattern: Pattern) -> str:
    """Return what a pattern does, and which Python has what it uses, if not all have it."""
    if pattern.needs_python is None:
        return pattern.summary
    needed = _("Needs Python {least} or newer.").format(least=pattern.needs_python)
    return f"{pattern.summary} {needed}"


def patterns_object() -> dict[str, object]:
    """Return the patterns as plain data, ready for JSON."""
    return {
        "schema": PATTERNS_SCHEMA,
        "patterns": [
            {
                "name": pattern.name,
                "arranges": str(pattern.arranges),
                "at_once": str(pattern.at_once),
                "takes_executor": pattern.takes_executor,
                "least_python": pattern.needs_python,
                "summary": pattern.summary,
            }
            for pattern in PATTERNS.values()
        ],
    }
