"""From timelines to the run file, piece by piece.

A million jobs make a file of a gigabyte. As objects they would take several times that, so they are
made in blocks, written, and forgotten.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np

from core.analysis import metrics
from core.jobs import RunFacts
from core.recording.events import NOBODY, Canceller, lane_name
from core.recording.recorder import JobError
from core.runfile.schema import (
    COMPARISON_SCHEMA,
    CancellerWord,
    CauseFields,
    CauseWord,
    DeadlockFields,
    ErrorFields,
    JobFields,
    LineFields,
    LoopFields,
    OnWord,
    OutcomeWord,
    ProcessFields,
    ProgramFields,
    RunFields,
    SpanFields,
    StateWord,
    StepFields,
    key_of,
    packed,
)
from core.spec.ideal import ideal_of
from core.spec.run_spec import Program, RunSpec
from core.timeline.timeline import LOOP, NO_CPU_TIME, Cause, Integers, Jobs, On, State, Timeline

# As in `reader`: more at a time would be no faster, and take more memory.
JOBS_AT_ONCE = 2_000
NUMBERS_AT_ONCE = 100_000

encode = msgspec.json.encode


def dump(timelines: Sequence[Timeline]) -> bytes:
    """Return a run file of one timeline, or a comparison file of any other number of them.

    100,000 jobs with 600,000 spans take some two seconds.
    """
    return b"".join(_pieces(timelines, several=len(timelines) != 1))


def dump_packed(timelines: Sequence[Timeline]) -> bytes:
    """Return the same, compressed with gzip, without ever holding it as it was before."""
    return b"".join(packed(_pieces(timelines, several=len(timelines) != 1)))


def write(
    timelines: Sequence[Timeline], file: BinaryIO, *, several: bool, pack: bool = False
) -> None:
    """Write a run file, or a comparison file of `several` timelines, with a line's end after it.

    Args:
        timelines: The runs; one if they are not `several`.
        file: Where it is written.
        several: Whether it is a comparison file.
        pack: Whether it is compressed with gzip.
    """
    pieces = _with_end_of_line(_pieces(timelines, several=several))
    file.writelines(packed(pieces) if pack else pieces)


def run_object(timeline: Timeline) -> dict[str, object]:
    """Return a timeline as plain data, with the keys and units that schema 1 promises."""
    return _plain([timeline], several=False)


def comparison_object(timelines: Sequence[Timeline]) -> dict[str, object]:
    """Return several runs as plain data."""
    return _plain(timelines, several=True)


def _plain(timelines: Sequence[Timeline], *, several: bool) -> dict[str, object]:
    text = b"".join(_pieces(timelines, several=several))
    return cast("dict[str, object]", msgspec.json.decode(text))


def job_name(number: int, timeline: Timeline | None = None) -> str:
    """Return a job's name; jobs are numbered from 0 and named from 1."""
    return (timeline and timeline.own_name(number)) or f"job {number + 1}"


def _with_end_of_line(pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield from pieces
    yield b"\n"


def _pieces(timelines: Sequence[Timeline], *, several: bool) -> Iterator[bytes]:
    if not several:
        return _run_pieces(timelines[0])
    values = {
        "schema": [encode(COMPARISON_SCHEMA)],
        "runs": _list_pieces(_run_pieces(each) for each in timelines),
    }
    return _object_pieces(values)


def _object_pieces(values: dict[str, Iterable[bytes]]) -> Iterator[bytes]:
    """Write an object, each of its values given in pieces."""
    for place, (name, pieces) in enumerate(values.items()):
        yield (b"," if place else b"{") + encode(name) + b":"
        yield from pieces
    yield b"}"


def _list_pieces(values: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Write a list, each of its values given in pieces."""
    yield b"["
    for place, pieces in enumerate(values):
        if place:
            yield b","
        yield from pieces
    yield b"]"


def _blocks(blocks: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Write one list of the values in many blocks, none of them empty."""
    # Of the text of each block the brackets are cut off, and commas put between blocks.
    inner = ([encode(block)[1:-1]] for block in blocks)
    return _list_pieces(inner)


def _numbers(column: Integers) -> Iterator[bytes]:
    places = range(0, len(column), NUMBERS_AT_ONCE)
    return _blocks(column[place : place + NUMBERS_AT_ONCE].tolist() for place in places)


def _run_pieces(timeline: Timeline) -> Iterator[bytes]:
    run, spans, steps = _run(timeline), timeline.spans, timeline.steps
    columns = {"start_ns": steps.start_ns, "end_ns": steps.end_ns, "site": steps.site}
    step_pieces: dict[str, Iterable[bytes]] = {
        name: _numbers(each) for name, each in columns.items()
    }
    if (steps.lane != LOOP).any():
        step_pieces["lane"] = _blocks([[lane_name(code) for code in steps.lane.tolist()]])
    if (causes := _causes(steps.cause, steps.cause_ns)) is not None:
        step_pieces["causes"] = [encode(causes)]
    long: dict[str, Iterable[bytes]] = {
        "jobs": _blocks(_job_blocks(timeline)),
        "span_sites": _numbers(spans.site),
        "span_wakers": _numbers(spans.waker),
        "steps": _object_pieces(step_pieces),
    }
    values: dict[str, Iterable[bytes]] = {
        name: long[name] if name in long else [encode(getattr(run, name))]
        for name in RunFields.__struct_fields__
    }
    return _object_pieces(values)


def _program(program: Program) -> ProgramFields | None:
    if isinstance(program, RunSpec):
        return None
    return ProgramFields(
        command=list(program.command),
        loops=list(program.loops),
        unrecorded_loops=list(program.unrecorded_loops),
        joined=program.joined,
        whole_from_ns=program.whole_from_ns,
        process=None if program.process is None else ProcessFields(**asdict(program.process)),
    )


def _run(timeline: Timeline) -> RunFields:
    """Return a run but for what there is much of: its jobs, and the columns of spans and steps."""
    return RunFields(
        **_facts(timeline),
        spec=msgspec.Raw(encode(timeline.spec and timeline.spec.as_dict())),
        program=_program(timeline.program),
        wall_ns=timeline.wall_ns,
        ideal_ns=best.wall_ns if (best := ideal_of(timeline.program)) else None,
        recording_ns=timeline.recording_ns,
        finished=timeline.finished,
        silent_ns=timeline.silent_ns,
        error=_error(timeline.error),
        jobs=[],
        loop=LoopFields(
            busy_ns=metrics.loop_busy_ns(timeline),
            longest_step_ns=metrics.longest_step_ns(timeline),
            worst_lateness_ns=metrics.worst_lateness_ns(timeline),
        ),
        results=msgspec.Raw(encode(timeline.results)),
        log=[LineFields(at_ns=line.at_ns, text=line.text) for line in timeline.log],
        sites=msgspec.Raw(encode(timeline.sites)),
        span_sites=[],
        span_wakers=[],
        span_causes=_causes(timeline.spans.cause),
        deadlocks=tuple(
            DeadlockFields(at_ns=each.at_ns, jobs=list(each.jobs)) for each in timeline.deadlocks
        ),
        steps=StepFields(start_ns=[], end_ns=[], site=[]),
    )


def _facts(timeline: Timeline) -> dict[str, object]:
    """Return the facts of a run by their keys, and its tables as text."""
    facts = timeline.facts
    facts["lane_labels"] = {lane_name(lane): text for lane, text in timeline.lane_labels.items()}
    return {
        key_of(each): msgspec.Raw(encode(facts[each.name]))
        if isinstance(facts[each.name], dict)
        else facts[each.name]
        for each in fields(RunFacts)
    }


def _causes(cause: Integers, lasted_ns: Integers | None = None) -> CauseFields | None:
    """Return what was the cause of long steps or spans, which are few; None if nothing is known."""
    # Nearly all steps are short and have no cause: only the others are named.
    place = np.flatnonzero(cause)
    if not len(place):
        return None
    return CauseFields(
        place=place.tolist(),
        cause=[cast("CauseWord", Cause(each).word) for each in cause[place].tolist()],
        ns=None if lasted_ns is None else lasted_ns[place].tolist(),
    )


def _error(error: JobError | None) -> ErrorFields | None:
    if error is None:
        return None
    return ErrorFields(type=error.kind, message=error.message, values=dict(error.values))


def _cancellers(jobs: Jobs, rows: slice) -> list[CancellerWord | None]:
    """Return who cancelled each of some jobs, in words; None where there is nobody to name."""
    pairs = zip(jobs.cancelled_how[rows].tolist(), jobs.cancelled_by[rows].tolist(), strict=True)
    return [
        None
        if how == Canceller.UNKNOWN and by == NOBODY
        else cast("CancellerWord", Canceller(how).name.lower())
        for how, by in pairs
    ]


def _job_blocks(timeline: Timeline) -> Iterator[list[JobFields]]:
    """Return the jobs in blocks; a block is made when it is asked for."""
    number, job = timeline.jobs.number, timeline.spans.job
    # Spans are sorted by their job, so those of a job are a slice.
    edges = np.append(np.searchsorted(job, number), len(job)).tolist()
    words = _Words(timeline)
    for first in range(0, len(number), JOBS_AT_ONCE):
        rows = slice(first, min(first + JOBS_AT_ONCE, len(number)))
        spans = _spans(timeline, slice(edges[rows.start], edges[rows.stop]), words)
        own = [
            spans[start - edges[first] : stop - edges[first]]
            for start, stop in zip(edges[rows], edges[rows.start + 1 : rows.stop + 1], strict=True)
        ]
        yield _jobs(timeline, rows, own)


def _jobs(timeline: Timeline, rows: slice, spans: Sequence[list[SpanFields]]) -> list[JobFields]:
    jobs = timeline.jobs
    columns = (
        jobs.number[rows].tolist(),
        cast("tuple[OutcomeWord, ...]", jobs.outcome[rows]),
        jobs.error[rows],
        jobs.result[rows],
        jobs.attempts[rows].tolist(),
        _none_for(NOBODY, jobs.cancelled_ns[rows]),
        _none_for(NOBODY, jobs.cancelled_by[rows]),
        _cancellers(jobs, rows),
        _none_for(NOBODY, jobs.cancelled_again_ns[rows]),
        jobs.created_ns[rows].tolist(),
        jobs.ended_ns[rows].tolist(),
        spans,
        jobs.name[rows] or [""] * len(spans),
        jobs.coroutine[rows] or [""] * len(spans),
        _none_for(NOBODY, jobs.parent[rows]) or [None] * len(spans),
        jobs.library[rows].tolist() or [0] * len(spans),
    )
    return [
        JobFields(
            id=number,
            name=own or job_name(number),
            coroutine=coroutine or None,
            parent=parent,
            library=bool(library),
            outcome=outcome,
            error=_error(error),
            result=result,
            attempts=attempts,
            cancelled_ns=cancelled_ns,
            cancelled_by=cancelled_by,
            cancelled_how=cancelled_how,
            cancelled_again_ns=cancelled_again_ns,
            created_ns=created_ns,
            ended_ns=ended_ns,
            spans=spans_of_job,
        )
        for (
            number,
            outcome,
            error,
            result,
            attempts,
            cancelled_ns,
            cancelled_by,
            cancelled_how,
            cancelled_again_ns,
            created_ns,
            ended_ns,
            spans_of_job,
            own,
            coroutine,
            parent,
            library,
        ) in zip(*columns, strict=True)
    ]


class _Words:
    """What the file calls the states, waits, lanes and places of a run."""

    def __init__(self, timeline: Timeline) -> None:
        self.states = {int(state): cast("StateWord", state.word) for state in State}
        self.waits: dict[int, OnWord] = {int(on): cast("OnWord", on.name.lower()) for on in On}
        lanes, sites = (np.unique(column).tolist() for column in _codes(timeline))
        self.lanes = {code: lane_name(code) for code in lanes}
        self.sites = {site: timeline.site_name(site) for site in sites}


def _codes(timeline: Timeline) -> tuple[Integers, Integers]:
    return timeline.spans.lane, timeline.spans.site


def _spans(timeline: Timeline, some: slice, words: _Words) -> list[SpanFields]:
    spans = timeline.spans
    columns: tuple[Sequence[Any], ...] = (
        spans.state[some].tolist(),
        spans.start_ns[some].tolist(),
        spans.end_ns[some].tolist(),
        spans.lane[some].tolist(),
        spans.site[some].tolist(),
        spans.on[some].tolist(),
        _none_for(NO_CPU_TIME, spans.cpu_ns[some]),
        _none_for(NOBODY, spans.holder[some]),
    )
    return [
        SpanFields(
            state=words.states[state],
            start_ns=start_ns,
            end_ns=end_ns,
            lane=words.lanes[lane],
            where=words.sites[site],
            on=words.waits[on] if state == State.WAITING else None,
            cpu_ns=cpu_ns,
            holder=holder,
        )
        for state, start_ns, end_ns, lane, site, on, cpu_ns, holder in zip(*columns, strict=True)
    ]


def _none_for(missing: int, column: Integers) -> list[int | None]:
    return [None if value == missing else value for value in column.tolist()]
