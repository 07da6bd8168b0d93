"""Why the times of several runs do not compare, or a number of theirs is uncertain."""

from collections.abc import Iterator, Sequence

from core.analysis.metrics import did_all, same_work
from core.analysis.summary import run_name, work_text
from core.spec.run_spec import ExecutorKind
from core.text.language import _, ngettext
from core.text.legible import legible, shortened
from core.timeline.timeline import Timeline


def differences(timelines: Sequence[Timeline]) -> list[str]:
    """Return a sentence for each thing that makes runs incomparable, or a number uncertain."""
    sentences = [*_of_work(timelines), *_of_python(timelines), *_of_pools(timelines)]
    return [legible(sentence) for sentence in sentences]


def _of_work(timelines: Sequence[Timeline]) -> Iterator[str]:
    if any(not same_work(each, timelines[0]) for each in timelines):
        parts = (f"{run_name(each.program)}: {work_text(each)}" for each in timelines)
        yield _(
            "The runs did not do the same work, so their times do not compare ({runs})."
        ).format(runs="; ".join(dict.fromkeys(parts)))


def _of_python(timelines: Sequence[Timeline]) -> Iterator[str]:
    versions = list(dict.fromkeys(timeline.python for timeline in timelines))
    if len(versions) > 1:
        yield _("They were measured with different Pythons: {versions}.").format(
            versions=", ".join(map(shortened, versions))
        )


def _of_pools(timelines: Sequence[Timeline]) -> Iterator[str]:
    if any(each.spec and each.spec.executor == ExecutorKind.DEFAULT for each in timelines):
        yield _(
            "The ideal is that of this machine's default pool; where it was measured, the pool "
            "may have had another size."
        )


def incomplete_sentence(timelines: Sequence[Timeline]) -> str:
    """Return which of several runs did not finish all of their jobs; empty if all did."""
    if len(timelines) < 2 or not all(same_work(each, timelines[0]) for each in timelines):
        return ""
    names = [run_name(each.program) for each in timelines if not did_all(each)]
    if not names:
        return ""
    text = ngettext(
        "{names} did not finish all of its jobs, so its time cannot be compared.",
        "{names} did not finish all of their jobs, so their times cannot be compared.",
        len(names),
    )
    return legible(text.format(names=", ".join(names)))
