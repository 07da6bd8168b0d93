"""What runs are called: their pattern, and what else distinguishes them."""

from collections.abc import Sequence

from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec.ideal import NS_PER_S
from core.spec.run_spec import ExecutorKind, Program, RunSpec
from core.text.language import _, duration_text, ngettext
from core.text.legible import shortened
from core.timeline.timeline import Timeline
from core.workloads import DEFAULT_WORKLOADS

MAX_ARGUMENTS = 80
"""How many characters of a script's arguments stand in a run's name."""


def run_name(program: Program) -> str:
    """Return a program's name with what else distinguishes its run, as in sentences and tables."""
    return _with(program.name, _details(program))


def run_names(programs: Sequence[Program]) -> list[str]:
    """Return the names of several runs, without what all have in common.

    `shared_work_text` says that once.
    """
    shared = _shared(programs)
    return [
        _with(each.name, [text for text in _details(each) if text not in shared])
        for each in programs
    ]


def details_text(program: Program) -> str:
    """Return what a run uses besides its pattern, or a script's arguments; may be empty."""
    return ", ".join(_details(program))


def work_text(timeline: Timeline) -> str:
    """Return how many jobs a run has and, of a pattern, how long each takes alone."""
    if timeline.spec is not None:
        return jobs_text(timeline.spec)
    count = len(timeline.jobs)
    return ngettext("{count:,} task", "{count:,} tasks", count).format(count=count)


def shared_work_text(timelines: Sequence[Timeline]) -> str:
    """Return what runs of the same work have to do, and with what all of them do it."""
    return _with(work_text(timelines[0]), _shared([each.program for each in timelines]))


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
