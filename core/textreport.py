"""What a shell shows of runs: a table, a chart made of text, and what the programs printed."""

from collections.abc import Sequence

from core.ideal import ideal
from core.metrics import speed_up, worst_lateness_ns
from core.textchart import chart, duration
from core.texttable import table
from core.timeline import Outcome, Timeline
from core.words import _, ngettext

MAX_LOG_LINES = 40
NOTEWORTHY_NS = 1_000_000


def report(timelines: Sequence[Timeline], *, width: int) -> str:
    """Return all that is shown of runs, as text of about `width` characters a line."""
    parts = [summary(timelines), *notes(timelines), chart(timelines, width=width)]
    return "\n\n".join([*parts, *map(transcript, timelines)])


def summary(timelines: Sequence[Timeline]) -> str:
    """Return the table of numbers: one row a run; speed-ups count against the first."""
    heading = (
        _("pattern"),
        _("wall time"),
        _("ideal"),
        _("overhead"),
        _("speed-up"),
        _("worst lateness"),
        _("recording"),
    )
    return table([heading, *(_row(each, timelines[0]) for each in timelines)], numbers_from=1)


def _row(timeline: Timeline, first: Timeline) -> tuple[str, ...]:
    ideal_ns = ideal(timeline.spec).wall_ns
    return (
        timeline.spec.pattern,
        duration(timeline.wall_ns),
        duration(ideal_ns),
        duration(timeline.wall_ns - ideal_ns),
        f"{speed_up(timeline, first):,.2f}",
        duration(worst_lateness_ns(timeline)),
        duration(timeline.recording_ns),
    )


def notes(timelines: Sequence[Timeline]) -> list[str]:
    """Return what a reader of the table must know besides, run by run; nothing if all is plain."""
    lines = [f"{each.spec.pattern}: {text}" for each in timelines for text in _notes_on_run(each)]
    return ["\n".join(lines)] if lines else []


def _notes_on_run(timeline: Timeline) -> list[str]:
    texts = []
    if timeline.spec.executor:
        texts.append(_executor(timeline))
    if timeline.startup_ns >= NOTEWORTHY_NS:
        text = _("the pool was up after {time}, before the clock started")
        texts.append(text.format(time=duration(timeline.startup_ns)))
    if timeline.error:
        kind, message = timeline.error.kind, timeline.error.message
        texts.append(
            _("the pattern ended with {kind}: {message}").format(kind=kind, message=message)
        )
    for outcome in (Outcome.FAILED, Outcome.CANCELLED, Outcome.LOST):
        if count := timeline.jobs.outcome.count(outcome):
            text = ngettext("{count} job {outcome}", "{count} jobs {outcome}", count)
            texts.append(text.format(count=f"{count:,}", outcome=outcome))
    if count := timeline.dropped_events:
        text = ngettext("{count} event was left out", "{count} events were left out", count)
        texts.append(text.format(count=f"{count:,}"))
    return texts


def _executor(timeline: Timeline) -> str:
    size = timeline.spec.pool_size or 0
    return ngettext(
        "executor {executor} with {count} worker",
        "executor {executor} with up to {count} workers",
        size,
    ).format(executor=timeline.spec.executor, count=size)


def transcript(timeline: Timeline) -> str:
    """Return what a run printed, each line with its time since the start."""
    shown = timeline.log[:MAX_LOG_LINES]
    rows = [(duration(line.at_ns), line.text) for line in shown]
    lines = [_("{name} printed:").format(name=timeline.spec.pattern)]
    lines += [f"{at:>14}  {text}" for at, text in rows]
    if left_out := len(timeline.log) - len(shown):
        text = ngettext(
            "{count} more line is left out", "{count} more lines are left out", left_out
        )
        lines.append(" " * 16 + text.format(count=f"{left_out:,}"))
    return "\n".join(lines)
