"""From a run file back to timelines that equal those it was written from."""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

import msgspec
import numpy as np

from core.errors import BadFile, BadValue
from core.limits import LIMITS, Limits
from core.recording.events import NOBODY, LaneKind, lane_code
from core.recording.recorder import JobError, LogLine
from core.runfile.checking import check, check_counts
from core.runfile.layout import (
    COMPARISON_SCHEMA,
    RUN_SCHEMA,
    ComparisonFields,
    ErrorFields,
    Head,
    JobFields,
    RunFields,
    Setting,
    SpanFields,
)
from core.spec import RunSpec, within
from core.timeline import (
    NO_CPU_TIME,
    Integers,
    Jobs,
    On,
    Outcome,
    Spans,
    State,
    Steps,
    Timeline,
)
from core.words import _

Kind = TypeVar("Kind")

MAX_FILE_MIB = 256
READABLE = Limits(
    tasks=1_000_000,
    threads_without_pool=1_000_000,
    sleep_s=3_600.0,
    threads=100_000,
    processes=100_000,
    dask_workers=100_000,
    connections=100_000,
)
"""What a file may say of a run: it was measured already, perhaps on a larger machine."""

_LANE = re.compile(r"(?P<kind>[a-z]+)(?:-(?P<number>[1-9][0-9]{0,6}))?")
_PLACE = re.compile(r"(?P<said>.*) - at `\$\.?(?P<place>.*)`", re.DOTALL)
_BYTE = re.compile(r"(?P<said>.*) \(byte (?P<byte>\d+)\)", re.DOTALL)


def load(text: str | bytes) -> list[Timeline]:
    """Return the timelines of a run file, or of a comparison file.

    Args:
        text: The whole file; as bytes it is read as UTF-8.

    Raises:
        BadFile: If it is not such a file. The error names the key or the line that is wrong.
    """
    data = text.encode(errors="backslashreplace") if isinstance(text, str) else text
    if len(data) > MAX_FILE_MIB << 20:
        raise BadFile("", _("it is larger than {most} MiB").format(most=MAX_FILE_MIB))
    return _timelines(_decoded(data.removeprefix(BOM_UTF8)))


def timelines_of(value: Mapping[str, object]) -> list[Timeline]:
    """Return the timelines of plain data, as `run_object` and `comparison_object` give it.

    Raises:
        BadFile: If it is not such data.
    """
    return load(msgspec.json.encode(value))


def _decoded(data: bytes) -> ComparisonFields:
    schema = _as(Head, data).schema
    if schema == RUN_SCHEMA:
        return ComparisonFields(runs=[_as(RunFields, data)])
    if schema == COMPARISON_SCHEMA:
        return _as(ComparisonFields, data)
    raise BadFile(
        "schema",
        _("it is {given}; it must be {run} or {comparison}").format(
            given=_shown(schema), run=RUN_SCHEMA, comparison=COMPARISON_SCHEMA
        ),
    )


def _as(kind: type[Kind], data: bytes) -> Kind:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise _of_place(str(error)) from error
    except msgspec.DecodeError as error:
        raise _of_line(str(error), data) from error
    except UnicodeDecodeError as error:
        raise _of_byte(_("it is not written in UTF-8"), data, _first_not_utf8(data)) from error
    except RecursionError as error:
        raise BadFile("", _("it is nested too deeply")) from error


def _of_place(said: str) -> BadFile:
    found = _PLACE.fullmatch(said)
    return BadFile(found["place"], found["said"]) if found else BadFile("", said)


def _of_line(said: str, data: bytes) -> BadFile:
    found = _BYTE.fullmatch(said)
    if found:
        return _of_byte(found["said"], data, int(found["byte"]))
    return _of_byte(_("the file ends here, and should go on"), data, len(data))


def _first_not_utf8(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _of_byte(said: str, data: bytes, byte: int) -> BadFile:
    before = data[:byte]
    line, column = before.count(b"\n") + 1, byte - (before.rfind(b"\n") + 1) + 1
    return BadFile(_("line {line}, column {column}").format(line=line, column=column), said)


def _shown(text: str) -> str:
    return ascii(text[:40])


def _timelines(file: ComparisonFields) -> list[Timeline]:
    if not 1 <= len(file.runs) <= LIMITS.runs:
        raise BadFile(
            "runs",
            _("there are {count}; there must be from 1 to {most}").format(
                count=len(file.runs), most=LIMITS.runs
            ),
        )
    alone = len(file.runs) == 1
    return [
        _timeline(run, "" if alone else f"runs[{place}].") for place, run in enumerate(file.runs)
    ]


def _timeline(run: RunFields, prefix: str) -> Timeline:
    spec = _spec(run.spec, f"{prefix}spec")
    spans = [span for job in run.jobs for span in job.spans]
    check_counts(run, len(spans), prefix)
    lane_codes = _lane_codes(run, spans, prefix)
    sites, span_sites = _sites(run, spans)
    timeline = Timeline(
        spec=spec,
        python=run.python,
        wall_ns=run.wall_ns,
        jobs=_jobs(run.jobs),
        spans=_spans(run, spans, lane_codes, span_sites),
        steps=_steps(run),
        sites=sites,
        results=tuple(run.results),
        log=tuple(LogLine(at_ns=line.at_ns, text=line.text) for line in run.log),
        error=_error(run.error),
        recording_ns=run.recording_ns,
        startup_ns=run.startup_ns,
        dropped_events=run.dropped_events,
        dropped_lines=run.dropped_lines,
        dropped_results=run.dropped_results,
        memory_before_bytes=run.memory_before_bytes,
        memory_peak_bytes=run.memory_peak_bytes,
        finished=run.finished,
        has_gil=run.gil,
        cpu_ns=run.cpu_ns,
        served=run.served,
        start_method=run.start_method,
        lane_labels={lane_codes[name]: label for name, label in run.lanes.items()},
        clock_uncertainty_ns=run.clock_uncertainty_ns,
    )
    check(timeline, prefix)
    return timeline


def _spec(given: Mapping[str, Setting], place: str) -> RunSpec:
    known = {each.name for each in fields(RunSpec)}
    for name in ("pattern", "tasks", "sleep_s"):
        if name not in given:
            raise BadFile(place, _("the key {key} is missing").format(key=name))
    try:
        with within(READABLE):
            return RunSpec.from_dict({name: given[name] for name in given if name in known})
    except BadValue as error:
        raise BadFile(place, str(error)) from error


def _error(error: ErrorFields | None) -> JobError | None:
    return None if error is None else JobError(kind=error.type, message=error.message)


def _lane_codes(run: RunFields, spans: Sequence[SpanFields], prefix: str) -> dict[str, int]:
    names = {span.lane for span in spans} | set(run.lanes)
    codes = {name: _lane_code(name) for name in names}
    for job_place, job in enumerate(run.jobs):
        for place, span in enumerate(job.spans):
            if codes[span.lane] is None:
                raise _bad_lane(f"{prefix}jobs[{job_place}].spans[{place}].lane", span.lane)
    for name in run.lanes:
        if codes[name] is None:
            raise _bad_lane(f"{prefix}lanes", name)
    return {name: code for name, code in codes.items() if code is not None}


def _lane_code(name: str) -> int | None:
    found = _LANE.fullmatch(name)
    kinds = {kind.name.lower(): kind for kind in LaneKind}
    if found is None or found["kind"] not in kinds:
        return None
    return lane_code(kinds[found["kind"]], int(found["number"] or 0))


def _bad_lane(place: str, name: str) -> BadFile:
    said = _("it is {given}; it must be loop, main, thread-1, process-1, dask-1 or the like")
    return BadFile(place, said.format(given=_shown(name)))


def _sites(run: RunFields, spans: Sequence[SpanFields]) -> tuple[tuple[str, ...], Integers]:
    """Return the names of places and each span's among them; older files name each at its span."""
    if run.sites is not None and run.span_sites is not None:
        return tuple(run.sites), _column(run.span_sites)
    names = dict.fromkeys(span.where for span in spans if span.where is not None)
    numbers: dict[str | None, int] = {name: place for place, name in enumerate(names, start=1)}
    return tuple(names), _column([numbers.get(span.where, 0) for span in spans])


def _jobs(jobs: Sequence[JobFields]) -> Jobs:
    return Jobs(
        number=_column([job.id for job in jobs]),
        created_ns=_column([job.created_ns for job in jobs]),
        ended_ns=_column([job.ended_ns for job in jobs]),
        attempts=_column([job.attempts for job in jobs]),
        cancelled_ns=_column([_or(NOBODY, job.cancelled_ns) for job in jobs]),
        cancelled_by=_column([_or(NOBODY, job.cancelled_by) for job in jobs]),
        outcome=tuple(Outcome(job.outcome) for job in jobs),
        error=tuple(_error(job.error) for job in jobs),
        result=tuple(job.result for job in jobs),
    )


def _spans(
    run: RunFields, spans: Sequence[SpanFields], lane_codes: Mapping[str, int], site: Integers
) -> Spans:
    states = {state.word: int(state) for state in State}
    waits: dict[str | None, int] = {on.name.lower(): int(on) for on in On} | {None: 0}
    counts = [len(job.spans) for job in run.jobs]
    return Spans(
        job=np.repeat(_column([job.id for job in run.jobs]), counts),
        state=_column([states[span.state] for span in spans]),
        start_ns=_column([span.start_ns for span in spans]),
        end_ns=_column([span.end_ns for span in spans]),
        lane=_column([lane_codes[span.lane] for span in spans]),
        site=site,
        on=_column([waits[span.on] for span in spans]),
        cpu_ns=_column([_or(NO_CPU_TIME, span.cpu_ns) for span in spans]),
        waker=np.full(len(spans), NOBODY) if run.span_wakers is None else _column(run.span_wakers),
    )


def _steps(run: RunFields) -> Steps:
    steps = run.steps
    columns = ([], [], []) if steps is None else (steps.start_ns, steps.end_ns, steps.site)
    start_ns, end_ns, site = map(_column, columns)
    return Steps(start_ns=start_ns, end_ns=end_ns, site=site)


def _column(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _or(missing: int, value: int | None) -> int:
    return missing if value is None else value
