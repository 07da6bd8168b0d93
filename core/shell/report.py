"""What a shell shows of runs, measured or saved: a table, a chart of text, what was printed."""

from collections.abc import Sequence
from pathlib import Path

from core.analysis.figures import figure_rows
from core.analysis.findings_text import findings_text
from core.analysis.summary import explain, left_out, run_name
from core.analysis.why_not_comparable import differences, incomplete_sentence
from core.errors import BadFile, BadValue
from core.runfile import load_from
from core.shell.text_chart import chart
from core.text.language import _, duration_text, lazy, ngettext, number_text
from core.text.legible import shortened, table
from core.timeline.timeline import Timeline

MAX_LOG_LINES = 40


def report(timelines: Sequence[Timeline], *, width: int) -> str:
    """Return all that is shown of runs, as text of about `width` characters a line."""
    parts = [summary(timelines), chart(timelines, width=width), notes(timelines)]
    return "\n\n".join([*parts, *(transcript(each) for each in timelines if each.log)])


def summary(timelines: Sequence[Timeline]) -> str:
    """Return the table of numbers: one row a run; speed-ups count against the first."""
    return table(figure_rows(timelines, brief=True), numbers_from=1)


def notes(timelines: Sequence[Timeline]) -> str:
    """Return the sentences under the chart, and what else a reader of the table must know."""
    sentences = [explain(timelines)]
    for timeline in timelines:
        sentences += [f"{run_name(timeline.spec)}: {text}" for text in _notes_on_run(timeline)]
    return "\n".join(filter(None, [*sentences, incomplete_sentence(timelines)]))


def _notes_on_run(timeline: Timeline) -> list[str]:
    texts = []
    if told := findings_text(timeline):
        texts.append(told)
    return texts + left_out(timeline)


def transcript(timeline: Timeline) -> str:
    """Return what a run printed, each line with its time since the start."""
    shown = timeline.log[:MAX_LOG_LINES]
    rows = [(duration_text(line.at_ns), shortened(line.text)) for line in shown]
    lines = [_("{name} printed:").format(name=run_name(timeline.spec))]
    lines += [f"{at:>14}  {text}".rstrip() for at, text in rows]
    if left_out := len(timeline.log) - len(shown):
        text = ngettext(
            "{count} more line is left out", "{count} more lines are left out", left_out
        )
        lines.append(" " * 16 + text.format(count=number_text(left_out)))
    return "\n".join(lines)


def shown(paths: Sequence[str], *, width: int) -> str:
    """Return the report of all runs in some files, after what does not compare in them.

    Raises:
        BadFile: If one cannot be read.
    """
    timelines = read_runs(paths)
    return "\n".join([*differences(timelines), report(timelines, width=width)])


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
    return export.make(chosen)


def read_runs(paths: Sequence[str]) -> list[Timeline]:
    """Return the runs of some files, in their order.

    Raises:
        BadFile: With the name of the first file that cannot be read.
    """
    return [timeline for path in paths for timeline in _read(path)]


def _read(path: str) -> list[Timeline]:
    try:
        with Path(path).open("rb") as file:
            return load_from(file)
    except OSError as error:
        raise BadFile(path, str(error.strerror)) from error
    except BadFile as error:
        raise BadFile(path, error) from error
