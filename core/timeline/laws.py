"""The laws that every recording keeps, as one list of what breaks them.

Tests assert that it is empty, and a run file is refused for its first entry: charts and numbers
rely on these laws. They are numbered as in docs/architecture.md:

1. N jobs give exactly N lanes, each with exactly one end.
2. A job's spans touch without gap or overlap, from its creation to its end.
3. On one loop no two running spans overlap, and on one worker no two working ones.
4. Steps follow one another as they were recorded, and a job runs only inside of a step.

With 0 goes what is no law but must hold of a file: what a wait is on counts in waiting spans only,
indices of places lead to one, and a job was made by one before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto

import numpy as np

from core.recording.events import NOBODY, is_loop
from core.timeline.timeline import Booleans, Integers, State, Timeline


class Rule(StrEnum):
    """What a number does not keep to; `core.runfile.columns` has the sentence that says each."""

    LARGER = auto()
    AFTER = auto()
    TOUCHES = auto()
    FILLED = auto()
    NO_WAIT = auto()
    ON_LOOP = auto()
    FREE = auto()
    LOOP_BY_LOOP = auto()
    KNOWN = auto()
    BEFORE = auto()
    # No file is refused for a job that ran outside of the steps of its loop: it may have none.
    IN_STEP = auto()


class Table(StrEnum):
    """Where a number stands."""

    JOBS = "jobs"
    SPANS = "spans"
    STEPS = "steps"
    SPAN_SITES = "span_sites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A number of a timeline that breaks a law.

    Attributes:
        law: Which one, 1 to 4, or 0.
        rule: What the number does not keep to.
        table: Where it stands, with `row` and `key`.
        given: The number itself, and `other` what it is held against.
        other_row: Where that stands in the same table, if it does.
    """

    law: int
    rule: Rule
    table: Table
    row: int
    key: str
    given: int = 0
    other: int = 0
    other_row: int = -1


def violations(timeline: Timeline, *, has_steps: bool = True) -> Iterator[Violation]:
    """Return what breaks a law, the first of each kind, law by law.

    Args:
        timeline: One that was recorded or read, finished or not.
        has_steps: Whether it has all steps of its loops; a run file may be without.
    """
    yield from _numbers(timeline)
    yield from _parents(timeline)
    yield from _lives(timeline)
    yield from _kinds_of_spans(timeline)
    yield from _workers(timeline)
    yield from _steps(timeline)
    if has_steps:
        yield from _runs_in_steps(timeline)
    yield from _sites(timeline)


def _numbers(timeline: Timeline) -> Iterator[Violation]:
    number = timeline.jobs.number
    if (row := _first(number[1:] <= number[:-1])) is not None:
        given, other = int(number[row + 1]), int(number[row])
        yield Violation(
            law=1,
            rule=Rule.LARGER,
            table=Table.JOBS,
            row=row + 1,
            key="id",
            given=given,
            other=other,
            other_row=row,
        )


def _parents(timeline: Timeline) -> Iterator[Violation]:
    number, parent = timeline.jobs.number, timeline.jobs.parent
    if not len(parent):
        return
    is_before = np.isin(parent, number) & (parent < number)
    if (row := _first((parent != NOBODY) & ~is_before)) is not None:
        given = int(parent[row])
        yield Violation(
            law=0, rule=Rule.BEFORE, table=Table.JOBS, row=row, key="parent", given=given
        )


def _lives(timeline: Timeline) -> Iterator[Violation]:
    spans, jobs = timeline.spans, timeline.jobs
    # A span of a job that there is not is held against the last one, and breaks the law there.
    row = np.minimum(np.searchsorted(jobs.number, spans.job), max(len(jobs) - 1, 0))
    is_first = np.diff(row, prepend=-1) != 0
    is_last = np.diff(row, append=len(jobs)) != 0
    before = np.where(is_first, jobs.created_ns[row], np.roll(spans.end_ns, 1))
    for mask, rule, key, given, other in (
        (spans.end_ns <= spans.start_ns, Rule.AFTER, "end_ns", spans.end_ns, spans.start_ns),
        (spans.start_ns != before, Rule.TOUCHES, "start_ns", spans.start_ns, before),
        (
            is_last & (spans.end_ns != jobs.ended_ns[row]),
            *(Rule.TOUCHES, "end_ns", spans.end_ns, jobs.ended_ns[row]),
        ),
    ):
        if (span := _first(mask)) is not None:
            yield Violation(
                law=2,
                rule=rule,
                table=Table.SPANS,
                row=span,
                key=key,
                given=int(given[span]),
                other=int(other[span]),
            )
    without = ~np.isin(jobs.number, spans.job) & (jobs.created_ns != jobs.ended_ns)
    if (empty := _first(without)) is not None:
        yield Violation(law=2, rule=Rule.FILLED, table=Table.JOBS, row=empty, key="spans")


def _kinds_of_spans(timeline: Timeline) -> Iterator[Violation]:
    spans = timeline.spans
    if (span := _first((spans.state != State.WAITING) & (spans.on != 0))) is not None:
        yield Violation(law=0, rule=Rule.NO_WAIT, table=Table.SPANS, row=span, key="on")
    if (span := _first((spans.state != State.WAITING) & (spans.holder != NOBODY))) is not None:
        yield Violation(law=0, rule=Rule.NO_WAIT, table=Table.SPANS, row=span, key="holder")
    if (span := _first((spans.state == State.RUNNING) & ~is_loop(spans.lane))) is not None:
        yield Violation(law=3, rule=Rule.ON_LOOP, table=Table.SPANS, row=span, key="lane")


def _workers(timeline: Timeline) -> Iterator[Violation]:
    spans = timeline.spans
    held = np.flatnonzero((spans.state == State.RUNNING) | (spans.state == State.WORKING))
    # The loop of a lane and a pool's worker of the same lane cannot be: lane and state are one key.
    worker = spans.lane[held] * len(State) + spans.state[held]
    order = held[np.lexsort((spans.start_ns[held], worker))]
    same = np.diff(spans.lane[order] * len(State) + spans.state[order]) == 0
    overlap = same & (spans.start_ns[order][1:] < spans.end_ns[order][:-1])
    if (found := _first(overlap)) is not None:
        span, before = int(order[found + 1]), int(order[found])
        yield Violation(
            law=3,
            rule=Rule.FREE,
            table=Table.SPANS,
            row=span,
            key="start_ns",
            given=int(spans.start_ns[span]),
            other=int(spans.end_ns[before]),
            other_row=before,
        )


def _steps(timeline: Timeline) -> Iterator[Violation]:
    steps = timeline.steps
    same_loop = steps.lane[1:] == steps.lane[:-1]
    for mask, rule, offset, key, given, other in (
        (steps.lane[1:] < steps.lane[:-1], Rule.LOOP_BY_LOOP, 1, "lane", steps.lane, steps.lane),
        (steps.end_ns < steps.start_ns, Rule.AFTER, 0, "end_ns", steps.end_ns, steps.start_ns),
        (
            same_loop & (steps.start_ns[1:] < steps.end_ns[:-1]),
            *(Rule.AFTER, 1, "start_ns", steps.start_ns, steps.end_ns),
        ),
    ):
        if (step := _first(mask)) is not None:
            yield Violation(
                law=4,
                rule=rule,
                table=Table.STEPS,
                row=step + offset,
                key=key,
                given=int(given[step + offset]),
                other=int(other[step]),
                other_row=step,
            )


def _runs_in_steps(timeline: Timeline) -> Iterator[Violation]:
    spans, steps = timeline.spans, timeline.steps
    ran = np.flatnonzero(spans.state == State.RUNNING)
    for lane in np.unique(spans.lane[ran]).tolist():
        running, own = ran[spans.lane[ran] == lane], steps.lane == lane
        starts, ends = steps.start_ns[own], steps.end_ns[own]
        step = np.searchsorted(starts, spans.start_ns[running], "right") - 1
        until = ends[step] if len(ends) else np.full(len(step), -1)
        outside = (step < 0) | (spans.end_ns[running] > until)
        if (found := _first(outside)) is not None:
            span = int(running[found])
            yield Violation(
                law=4,
                rule=Rule.IN_STEP,
                table=Table.SPANS,
                row=span,
                key="end_ns",
                given=int(spans.end_ns[span]),
                other=int(until[found]),
            )


def _sites(timeline: Timeline) -> Iterator[Violation]:
    columns: tuple[tuple[Table, str, Integers], ...] = (
        (Table.SPAN_SITES, "", timeline.spans.site),
        (Table.STEPS, "site", timeline.steps.site),
    )
    for table, key, column in columns:
        if (row := _first(column > len(timeline.sites))) is not None:
            yield Violation(
                law=0,
                rule=Rule.KNOWN,
                table=table,
                row=row,
                key=key,
                given=int(column[row]),
                other=len(timeline.sites),
            )


def _first(mask: Booleans) -> int | None:
    """Return the first place where a mask is true, or None."""
    return int(mask.argmax()) if mask.any() else None
