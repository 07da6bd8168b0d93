"""Why the times of several runs do not compare, or a number of theirs is uncertain."""

from collections.abc import Callable, Iterator, Sequence

from core.analysis.metrics import (
    did_all,
    is_disturbed,
    known_disturbance_ns,
    late_start,
    same_work,
    tells_of_its_pattern,
)
from core.analysis.run_names import run_name, run_names, work_text
from core.spec.run_spec import ExecutorKind
from core.text.language import _, duration_text, ngettext
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


def caveats(timelines: Sequence[Timeline]) -> str:
    """Return what is to be known of the times of finished runs, to be said quietly; may be empty.

    Of a run the first reason counts: the machine, a late start, jobs that it did not finish.
    """
    parts = [*_of_the_machine(timelines), *_of_late_starts(timelines), *_of_ends(timelines)]
    return legible(" ".join(parts))


def _names(timelines: Sequence[Timeline], which: Callable[[Timeline], bool]) -> list[str]:
    names = run_names([each.program for each in timelines])
    return [name for name, each in zip(names, timelines, strict=True) if which(each)]


def _of_the_machine(timelines: Sequence[Timeline]) -> Iterator[str]:
    names = _names(timelines, is_disturbed)
    if not names:
        return
    # The longest, not the sum: it is what a reader compares with the wall times.
    waited_ns = max(known_disturbance_ns(each) for each in timelines if is_disturbed(each))
    if len(timelines) == 1:
        text = _("The machine had other work: threads of this run waited {time} for a processor.")
    elif len(names) == len(timelines):
        text = _(
            "The machine had other work during all runs (threads waited up to {time} for a "
            "processor), so their times are not compared."
        )
    else:
        text = ngettext(
            "The machine had other work while {names} ran (its threads waited {time} for a "
            "processor), so its time is not compared.",
            "The machine had other work while {names} ran (their threads waited up to {time} for "
            "a processor), so their times are not compared.",
            len(names),
        )
    yield text.format(names=", ".join(names), time=duration_text(waited_ns))


def _of_late_starts(timelines: Sequence[Timeline]) -> Iterator[str]:
    if len(timelines) < 2:  # the sentence about a single run says it
        return
    for name, each in zip(run_names([each.program for each in timelines]), timelines, strict=True):
        late = None if is_disturbed(each) else late_start(each)
        if late is None:
            continue
        text = (
            _("The first job of {name} began {time} after the start, so its time is not compared.")
            if late.begun
            else _(
                "The first job of {name} was created {time} after the start, so its time is not "
                "compared."
            )
        )
        yield text.format(name=name, time=duration_text(late.at_ns))


def _of_ends(timelines: Sequence[Timeline]) -> Iterator[str]:
    if len(timelines) < 2 or not all(same_work(each, timelines[0]) for each in timelines):
        return
    names = _names(timelines, lambda each: tells_of_its_pattern(each) and not did_all(each))
    if len(names) == len(timelines):
        yield _("No run finished all of its jobs, so their times are not compared.")
    elif names:
        text = ngettext(
            "{names} did not finish all of its jobs, so its time is not compared.",
            "{names} did not finish all of their jobs, so their times are not compared.",
            len(names),
        )
        yield text.format(names=", ".join(names))
