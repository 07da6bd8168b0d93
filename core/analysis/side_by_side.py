"""Runs side by side: what they are called, and why their times do not compare or are uncertain."""

from collections.abc import Callable, Iterator, Sequence

from core.analysis.metrics import (
    did_all,
    is_disturbed,
    known_disturbance_ns,
    late_start,
    same_work,
    tells_of_its_pattern,
)
from core.analysis.processes import whole_programs
from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec.ideal import NS_PER_S
from core.spec.run_spec import ExecutorKind, Program, RunSpec
from core.text.language import _, duration_text, ngettext
from core.text.legible import legible, shortened
from core.timeline.timeline import Timeline
from core.workloads import DEFAULT_WORKLOADS

MAX_ARGUMENTS = 80
"""How many characters of a script's arguments stand in a run's name."""


def run_name(program: Program) -> str:
    """Return a program's name with what else distinguishes its run, as in sentences and tables."""
    return _with(program.name, _details(program))


def run_names(programs: Sequence[Program]) -> list[str]:
    """Return the names of several runs, without what all have in common.

    `shared_work_text` says that once. Recordings of one program are numbered, if nothing else
    tells them apart.
    """
    shared = _shared(programs)
    names = [
        _with(each.name, [text for text in _details(each) if text not in shared])
        for each in programs
    ]
    before = (names[:place].count(name) for place, name in enumerate(names))
    return [
        f"{name} ({count + 1})" if count and not isinstance(each, RunSpec) else name
        for each, name, count in zip(programs, names, before, strict=True)
    ]


def short_names(programs: Sequence[Program]) -> list[str]:
    """Return the shortest name of each run that differs from the others'.

    What else a run uses is said elsewhere.
    """
    names = [each.name for each in programs]
    return [
        name if names.count(name) == 1 else whole
        for name, whole in zip(names, run_names(programs), strict=True)
    ]


def details_texts(programs: Sequence[Program]) -> list[str]:
    """Return what each run uses besides its pattern, or a script's arguments; may be empty.

    What all have in common stands in the first text only, and says that it is common.
    """
    shared = _shared(programs)
    texts = [", ".join(text for text in _details(each) if text not in shared) for each in programs]
    if shared:
        together = _("in each run: {details}").format(details=", ".join(shared))
        texts[0] = "; ".join(filter(None, [texts[0], together]))
    return texts


def work_text(timeline: Timeline) -> str:
    """Return how many jobs a run has and, of a pattern, how long each takes alone."""
    if timeline.spec is not None:
        return jobs_text(timeline.spec)
    count = len(timeline.jobs)
    return ngettext("{count:,} task", "{count:,} tasks", count).format(count=count)


def shared_work_text(timelines: Sequence[Timeline]) -> str:
    """Return what runs of the same work have to do, and with what all of them do it."""
    return _with(_work_of_all(timelines), _shared([each.program for each in timelines]))


def _work_of_all(timelines: Sequence[Timeline]) -> str:
    """Return what all have to do; a program that was mended may have more or fewer tasks."""
    counts = {len(each.jobs) for each in timelines}
    if timelines[0].spec is not None or len(counts) == 1:
        return work_text(timelines[0])
    return _("{least:,} to {most:,} tasks").format(least=min(counts), most=max(counts))


def _with(name: str, details: Sequence[str]) -> str:
    return f"{name} ({', '.join(details)})" if details else name


def _shared(programs: Sequence[Program]) -> list[str]:
    """Return the details that each of several runs has; none of a single one."""
    if len(programs) < 2:
        return []
    # Equal texts are equal settings; dropped from all, they cannot make two names alike.
    first, *others = (_details(each) for each in programs)
    return [text for text in first if all(text in other for other in others)]


def _details(program: Program) -> list[str]:
    """Return workload, pool, limit and time-out, as far as not the usual ones; or arguments."""
    if not isinstance(program, RunSpec):
        details = [shortened(" ".join(program.command[1:]), MAX_ARGUMENTS)]
    else:
        details = _settings(program)
    return [text for text in details if text]


def _settings(spec: RunSpec) -> list[str]:
    usual = DEFAULT_WORKLOADS[PATTERNS[spec.pattern].arranges]
    return [
        "" if spec.workload == usual else spec.job.called,
        pool_text(spec),
        ""
        if spec.connections is None
        else ngettext("{count:,} connection", "{count:,} connections", spec.connections).format(
            count=spec.connections
        ),
        "" if spec.limit is None else _("at most {limit:,} at once").format(limit=spec.limit),
        ""
        if spec.timeout_s is None
        else _("time-out {time}").format(time=duration_text(spec.timeout_s * NS_PER_S)),
    ]


def pool_text(spec: RunSpec) -> str:
    """Return which pool a run uses and how large it is; empty for a run without one."""
    match spec.executor:
        case ExecutorKind.DEFAULT:
            text = _("default pool of {workers}")
        case ExecutorKind.THREADS:
            text = ngettext("{workers} thread", "{workers} threads", spec.pool_size or 1)
        case ExecutorKind.PROCESSES:
            text = ngettext("{workers} process", "{workers} processes", spec.pool_size or 1)
        case ExecutorKind.DASK:
            text = ngettext("{workers} Dask worker", "{workers} Dask workers", spec.pool_size or 1)
        case _:
            return ""
    return text.format(workers=spec.pool_size)


def jobs_text(spec: RunSpec) -> str:
    """Return how many jobs there are and how long each, or the longest, takes alone."""
    if not spec.job.is_timed:
        return ngettext("{count:,} job", "{count:,} jobs", spec.tasks).format(count=spec.tasks)
    sleep = duration_text(spec.sleep_s * NS_PER_S)
    if spec.spread != Spread.EQUAL and spec.tasks > 1:
        return _("{count:,} jobs of up to {sleep}").format(count=spec.tasks, sleep=sleep)
    return ngettext("{count:,} job of {sleep}", "{count:,} jobs of {sleep}", spec.tasks).format(
        count=spec.tasks, sleep=sleep
    )


def differences(timelines: Sequence[Timeline]) -> list[str]:
    """Return a sentence for each thing that makes runs incomparable, or a number uncertain."""
    sentences = [*_of_work(timelines), *_of_python(timelines), *_of_pools(timelines)]
    return [legible(sentence) for sentence in sentences]


def _of_work(timelines: Sequence[Timeline]) -> Iterator[str]:
    whole = whole_programs(timelines)
    if any(not same_work(each, whole[0]) for each in whole):
        parts = (f"{run_name(each.program)}: {work_text(each)}" for each in whole)
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
    # Of different work `differences` says that no times compare, whatever the ends.
    if len(timelines) < 2 or not all(same_work(each, timelines[0]) for each in timelines):
        return
    # Runs that were disturbed, or began late, are named for that already: one reason is enough.
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
