"""Timelines made by hand, for what is a pure function of one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.jobs import OwnProgram, ProcessOfProgram
from core.recording.events import NOBODY
from core.recording.recorder import JobError, LogLine
from core.spec.run_spec import RunSpec
from core.timeline.timeline import (
    LOOP,
    NO_CPU_TIME,
    Cause,
    Integers,
    Jobs,
    Outcome,
    Spans,
    State,
    Steps,
    Timeline,
)

MS = 1_000_000

Span = tuple[int, State, int, int]
"""A job, its state, and the milliseconds at which the span starts and ends."""


def timeline(
    *spans: Span,
    wall_ms: int,
    outcomes: dict[int, Outcome] | None = None,
    pattern: str = "gather",
    printed: tuple[str, ...] = (),
    spec: RunSpec | None = None,
    steps_ms: Sequence[tuple[int, int]] = (),
    errors: dict[int, JobError] | None = None,
    lanes: Sequence[int] | None = None,
    finished: bool = True,
) -> Timeline:
    """Return a run with one job for each number that the spans name.

    Without a spec it is one of `pattern` with that many jobs; `lanes` has one code a span.
    """
    numbers = sorted({job for job, *_ in spans})
    return Timeline(
        program=spec or RunSpec(pattern=pattern, tasks=max(1, len(numbers)), sleep_s=0.01),
        python="3.11.7",
        wall_ns=wall_ms * MS,
        jobs=_jobs(numbers, spans, outcomes or {}, errors or {}),
        spans=_spans(spans, lanes or [LOOP for _ in spans]),
        steps=Steps(
            start_ns=_column([start_ms * MS for start_ms, _ in steps_ms]),
            end_ns=_column([end_ms * MS for _, end_ms in steps_ms]),
            site=_column([0 for _ in steps_ms]),
            lane=_column([LOOP for _ in steps_ms]),
            cause=_column([Cause.NOT_KNOWN for _ in steps_ms]),
            cause_ns=_column([0 for _ in steps_ms]),
        ),
        sites=(),
        results=(),
        log=tuple(LogLine(at_ns=wall_ms * MS, text=text) for text in printed),
        error=None,
        recording_ns=0,
        startup_ns=0,
        dropped_events=0,
        finished=finished,
    )


def process_of(
    run: Timeline, *, began_ms: int = 0, family: str = "family", name: str = ""
) -> Timeline:
    """Return a run as a process of a program that began at 0 of the machine's clock, or later.

    One that began later is a child of the first, which is process 100.
    """
    process = ProcessOfProgram(
        family=family,
        pid=100 + began_ms,
        parent_pid=100 if began_ms and family == "family" else None,
        name=name,
        started_ns=10**12 + began_ms * MS,
    )
    program = OwnProgram(command=("work.py",), loops=("asyncio",), process=process)
    return replace(run, program=program)


def _jobs(
    numbers: list[int],
    spans: tuple[Span, ...],
    outcomes: dict[int, Outcome],
    errors: dict[int, JobError],
) -> Jobs:
    first = {job: start_ms for job, _, start_ms, _ in reversed(spans)}
    last = {job: end_ms for job, *_, end_ms in spans}
    return Jobs(
        number=_column(numbers),
        created_ns=_column([first[number] * MS for number in numbers]),
        ended_ns=_column([last[number] * MS for number in numbers]),
        attempts=_column([1 for _ in numbers]),
        cancelled_ns=_column([NOBODY for _ in numbers]),
        cancelled_by=_column([NOBODY for _ in numbers]),
        cancelled_how=_column([0 for _ in numbers]),
        cancelled_again_ns=_column([NOBODY for _ in numbers]),
        outcome=tuple(outcomes.get(number, Outcome.OK) for number in numbers),
        error=tuple(errors.get(number) for number in numbers),
        result=tuple(None for _ in numbers),
    )


def _spans(spans: tuple[Span, ...], lanes: Sequence[int]) -> Spans:
    nothing = _column([0 for _ in spans])
    return Spans(
        job=_column([job for job, *_ in spans]),
        state=_column([int(state) for _, state, *_ in spans]),
        start_ns=_column([start_ms * MS for *_, start_ms, _ in spans]),
        end_ns=_column([end_ms * MS for *_, end_ms in spans]),
        lane=_column(list(lanes)),
        site=nothing,
        on=nothing,
        cpu_ns=nothing + NO_CPU_TIME,
        waker=nothing + NOBODY,
        cause=nothing,
        holder=nothing + NOBODY,
    )


def _column(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def spec_of(run: Timeline) -> RunSpec:
    """Return the settings of a run of the catalogue."""
    assert run.spec is not None
    return run.spec
