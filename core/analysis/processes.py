"""Processes of one program that were recorded together: which are, and when each began."""

from collections.abc import Sequence

from core.jobs import OwnProgram, ProcessOfProgram
from core.spec.run_spec import Program
from core.text.language import _, duration_text
from core.timeline.timeline import Timeline

LATEST_NS = 86_400_000_000_000
"""A chart's axis ends after a day; what would reach beyond it stands at its own beginning."""


def began_ns(timelines: Sequence[Timeline]) -> list[int]:
    """Return how long after the first process of its program each run began.

    The first is the one of those at hand, so a child that is opened alone begins at 0, as does a
    run that is of no such program.
    """
    first: dict[str, int] = {}
    processes = [_process(each.program) for each in timelines]
    for process in filter(None, processes):
        before = first.get(process.family, process.started_ns)
        first[process.family] = min(before, process.started_ns)
    return [
        0 if process is None else _within(process.started_ns - first[process.family], each)
        for process, each in zip(processes, timelines, strict=True)
    ]


def _within(after_ns: int, timeline: Timeline) -> int:
    return after_ns if after_ns + timeline.end_ns <= LATEST_NS else 0


def began_text(program: Program, after_ns: int) -> str:
    """Return when a process began, in words; empty for one with which its program began."""
    process = _process(program)
    if process is None or not after_ns:
        return ""
    return _("began {time} later").format(time=duration_text(after_ns))


def whole_programs(timelines: Sequence[Timeline]) -> list[Timeline]:
    """Return the runs that are no child processes: of these it is asked whether they compare."""
    return [
        each
        for each in timelines
        if not (isinstance(each.program, OwnProgram) and each.program.is_child)
    ]


def _process(program: Program) -> ProcessOfProgram | None:
    return program.process if isinstance(program, OwnProgram) else None
