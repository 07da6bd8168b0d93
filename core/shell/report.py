"""What a shell shows of runs: a table, a chart made of text, and what the programs printed."""

from collections.abc import Sequence

from core.analysis.figures import figure_rows
from core.analysis.findings_text import findings_text
from core.analysis.summary import explain, left_out, run_name
from core.analysis.why_not_comparable import incomplete_sentence
from core.shell.text_chart import chart
from core.text.language import _, ngettext
from core.text.legible import shortened, table
from core.text.numbers import duration_text, number_text
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
