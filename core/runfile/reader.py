"""From a run file back to timelines that equal those it was written from.

Read as objects, a file of a million jobs would take several gigabytes. So what is typed first is a
frame in which each job is still a piece of text; jobs are typed some thousands at a time, become
columns, and are forgotten as what they were before.
"""

import io
import math
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import msgspec

from core.errors import BadFile, BadValue
from core.jobs import OwnProgram, ProcessOfProgram, RunFacts
from core.recording.recorder import LogLine
from core.runfile.columns import (
    JobColumns,
    cause_columns,
    check,
    check_counts,
    deadlocks_of,
    error_of,
    lane_labels,
    optional_column,
    steps_of,
)
from core.runfile.recording import is_recording, read_recording
from core.runfile.schema import (
    COMPARISON_SCHEMA,
    MAX_JOBS,
    MAX_SITES,
    MAX_TABLE_BYTES,
    NOTHING,
    NULL,
    RUN_SCHEMA,
    ComparisonFields,
    Head,
    JobFields,
    LanesTable,
    ResultsList,
    RunFields,
    ServedTable,
    Setting,
    SitesList,
    SpecTable,
    key_of,
    unpacked,
)
from core.spec.limits import LAPTOP, LIMITS
from core.spec.run_spec import SETTINGS, Program, RunSpec
from core.text.language import Text, lazy
from core.timeline.timeline import Timeline

Kind = TypeVar("Kind")

# A file has some 115 bytes for each span and step, and an event begins one or two of them.
BYTES_AN_EVENT = 256
MAX_FILE_MIB = LIMITS.events * BYTES_AN_EVENT >> 20
"""As large as the file of any run that may be recorded here; inflated, if it is compressed."""
VALUES_AN_EVENT = 32
BYTES_OF_MEMORY_A_BYTE, BYTES_OF_MEMORY_A_VALUE = 8, 200
"""What reading takes at worst: texts of four bytes a letter, objects with keys of their own."""

_JOB = msgspec.json.Decoder(JobFields)
# Blocks of 100 to 40,000 jobs are read equally fast. 40,000 jobs in one block took 115 MiB, in
# blocks of 2,000 they took 59 MiB.
JOBS_AT_ONCE = 2_000
# How msgspec 0.20 to 0.22 ends its errors: "... - at `$.jobs[3].id`", "... (byte 512)".
_PLACE = re.compile(r"(?P<said>.*) - at `\$\.?(?P<place>.*)`", re.DOTALL)
_BYTE = re.compile(r"(?P<said>.*) \(byte (?P<byte>\d+)\)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much a file may hold: its bytes, inflated if it is compressed, and its values.

    A value is a number, a text, a list or an object. Each takes up to 200 bytes of memory while the
    file is read, however few bytes of the file it has.
    """

    bytes: int
    values: int


def room_within(memory_bytes: float) -> Room:
    """Return the room for a file that is read in so much memory: not more than for any run."""
    return Room(
        bytes=int(min(MAX_FILE_MIB << 20, memory_bytes / BYTES_OF_MEMORY_A_BYTE)),
        values=int(min(LIMITS.events * VALUES_AN_EVENT, memory_bytes / BYTES_OF_MEMORY_A_VALUE)),
    )


def load(text: str | bytes, room: Room | None = None) -> list[Timeline]:
    """Return the timelines of a run file, or of a comparison file.

    Args:
        text: The whole file; as bytes it is read as UTF-8, and may be compressed with gzip.
        room: How much it may hold; None for as much as any run that may be recorded here.

    Raises:
        BadFile: If it is not such a file. The error names the key or the line that is wrong.
    """
    data = text.encode(errors="backslashreplace") if isinstance(text, str) else text
    with io.BufferedReader(io.BytesIO(data)) as file:
        return load_from(file, room)


def load_from(file: "io.BufferedReader[Any]", room: Room | None = None) -> list[Timeline]:
    """Return the timelines of an open file, as `load` does.

    Raises:
        BadFile: If it is not such a file.
        OSError: If it cannot be read.
    """
    room = room or room_within(math.inf)
    if is_recording(file):
        return [read_recording(file, room.bytes, room.values)]
    data = unpacked(file, room.bytes)
    if data.startswith(BOM_UTF8):  # as editors of Windows write it; JSON has no place for it
        del data[: len(BOM_UTF8)]
    _check_values(data, room.values)
    return _timelines(_decoded(data), data)


def timelines_of(value: Mapping[str, object]) -> list[Timeline]:
    """Return the timelines of plain data, as `run_object` and `comparison_object` give it.

    Raises:
        BadFile: If it is not such data.
    """
    return load(msgspec.json.encode(value))


def _check_values(data: bytearray, most: int) -> None:
    """Refuse a file of more values than there is room for, before any is made.

    Before each stands a comma or the beginning of what holds it; those in texts count, too.
    """
    # msgspec says that a list is too long when it has read it: 100 million zeros are 200 MB of
    # text, and four times that as a list.
    values = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    if values > most:
        said = lazy(
            "it holds about {values:,} values; at most {most:,} can be read here",
            values=values,
            most=most,
        )
        raise BadFile("", said)


def _decoded(data: bytearray) -> ComparisonFields:
    schema = _as(Head, data, data).schema
    if schema == RUN_SCHEMA:
        return ComparisonFields(runs=[_as(RunFields, data, data)])
    if schema == COMPARISON_SCHEMA:
        return _as(ComparisonFields, data, data)
    raise BadFile(
        "schema",
        lazy(
            "it is {given}; it must be {run} or {comparison}",
            given=_shown(schema),
            run=RUN_SCHEMA,
            comparison=COMPARISON_SCHEMA,
        ),
    )


def _as(kind: type[Kind], part: bytearray | msgspec.Raw, data: bytearray, place: str = "") -> Kind:
    """Return a part of a file's text, at a place in it, as a kind of object; `data` is all text."""
    try:
        return msgspec.json.decode(part, type=kind)
    except msgspec.ValidationError as error:
        raise _of_place(str(error), place) from error
    except msgspec.DecodeError as error:
        raise _of_line(str(error), part, data) from error
    except UnicodeDecodeError as error:
        byte = _begin(part, data) + _first_not_utf8(part)
        raise _of_byte(lazy("it is not written in UTF-8"), data, byte) from error
    except RecursionError as error:  # msgspec counts nested lists against Python's own limit
        raise BadFile(place, lazy("it is nested too deeply")) from error


def _begin(part: bytearray | msgspec.Raw, data: bytearray) -> int:
    """Return where a part of a text begins; of parts that are equal the first is read first."""
    # A `Raw` does not say from where it is. The search is paid only by a file that is refused.
    return data.find(bytes(part))


def _of_place(said: str, outer: str) -> BadFile:
    found = _PLACE.fullmatch(said)
    if found is None:
        return BadFile(outer, said)
    between = "" if found["place"].startswith("[") else "."
    return BadFile(f"{outer}{between}{found['place']}".strip("."), found["said"])


def _of_line(said: str, part: bytearray | msgspec.Raw, data: bytearray) -> BadFile:
    found = _BYTE.fullmatch(said)
    begin = _begin(part, data)
    if found:
        return _of_byte(found["said"], data, begin + int(found["byte"]))
    end = begin + len(bytes(part))
    return _of_byte(lazy("the file ends here, and should go on"), data, end)


def _first_not_utf8(part: bytearray | msgspec.Raw) -> int:
    try:
        bytes(part).decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _of_byte(said: Text, data: bytearray, byte: int) -> BadFile:
    before = data[:byte]
    line, column = before.count(b"\n") + 1, byte - (before.rfind(b"\n") + 1) + 1
    return BadFile(lazy("line {line}, column {column}", line=line, column=column), said)


def _shown(text: str) -> str:
    return ascii(text[:40])


def _timelines(file: ComparisonFields, data: bytearray) -> list[Timeline]:
    if not 1 <= len(file.runs) <= LIMITS.runs:
        raise BadFile(
            "runs",
            lazy(
                "there are {count}; there must be from 1 to {most}",
                count=len(file.runs),
                most=LIMITS.runs,
            ),
        )
    alone = len(file.runs) == 1
    prefixes = ["" if alone else f"runs[{place}]." for place in range(len(file.runs))]
    runs = [_Run(run, prefix, data) for run, prefix in zip(file.runs, prefixes, strict=True)]
    for run in runs:
        run.read_jobs(data)
    data.clear()  # before columns are made of it, which need as much again
    return [run.timeline() for run in runs]


class _Run:
    """A run of a file on its way to its timeline.

    What has become a column is forgotten as what it was before: of a million jobs, each form of it
    takes hundreds of megabytes.
    """

    def __init__(self, run: RunFields, prefix: str, data: bytearray) -> None:
        self._run, self._prefix = run, prefix
        self._program = _program(run, data, prefix)
        self._facts = _facts(run, data, prefix)
        self._results = _texts(ResultsList, run.results, MAX_JOBS, data, f"{prefix}results")
        self._named = _texts(SitesList, run.sites, MAX_SITES, data, f"{prefix}sites")
        run.spec = run.results = run.sites = NOTHING
        self._sites = None if self._named is None else optional_column(run.span_sites)
        self._wakers = optional_column(run.span_wakers)
        self._causes = run.span_causes
        self._steps = steps_of(run.steps, prefix)
        run.span_sites = run.span_wakers = run.steps = None
        self._jobs = JobColumns(prefix, names_sites=self._sites is None)

    def read_jobs(self, data: bytearray) -> None:
        """Read the jobs from where they stand in the file's text, which nobody else needs then."""
        jobs = self._run.jobs
        for first in range(0, len(jobs), JOBS_AT_ONCE):
            self._jobs.add(
                [
                    self._job(place, data)
                    for place in range(first, min(first + JOBS_AT_ONCE, len(jobs)))
                ]
            )
        jobs.clear()

    def _job(self, place: int, data: bytearray) -> JobFields:
        raw = self._run.jobs[place]
        # A decoder that is made once is twice as fast as `decode(type=...)`, but knows no place.
        try:
            return _JOB.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _as(JobFields, raw, data, f"{self._prefix}jobs[{place}]")

    def timeline(self) -> Timeline:
        """Return the timeline, once its jobs are read."""
        run, columns = self._run, self._jobs
        check_counts(columns.span_count, self._sites, self._wakers, self._prefix)
        cause, _ = cause_columns(self._causes, columns.span_count, f"{self._prefix}span_causes")
        spans = columns.spans(self._sites, self._wakers, cause)
        jobs = columns.jobs(named=isinstance(self._program, OwnProgram))
        named = columns.sites if self._sites is None else self._named
        timeline = Timeline(
            **self._facts,
            program=self._program,
            wall_ns=run.wall_ns,
            jobs=jobs,
            spans=spans,
            steps=self._steps,
            sites=tuple(named),
            results=tuple(self._results),
            log=tuple(LogLine(at_ns=line.at_ns, text=line.text) for line in run.log),
            error=error_of(run.error),
            recording_ns=run.recording_ns,
            finished=run.finished,
            silent_ns=run.silent_ns,
            deadlocks=deadlocks_of(run.deadlocks),
        )
        check(timeline, self._prefix)
        self._check_claim(len(timeline.jobs))
        return timeline

    def _check_claim(self, jobs: int) -> None:
        """Refuse settings that foresee far more jobs than there are: each costs what one costs."""
        # The ideal has an entry for each task that the settings name, and the chart a row: a file
        # of one job that names a million would cost as much as a million jobs.
        most = max(LIMITS.tasks, LAPTOP.tasks, jobs)
        if isinstance(self._program, RunSpec) and self._program.tasks > most:
            said = lazy(
                "tasks is {given:,}; it must be at most {most:,}, or the number of jobs, "
                "which is {jobs:,}",
                given=self._program.tasks,
                jobs=jobs,
                most=most,
            )
            raise BadFile(f"{self._prefix}spec", said)


def _facts(run: RunFields, data: bytearray, prefix: str) -> dict[str, Any]:
    """Return the facts of a run by their names."""
    found = {each.name: getattr(run, key_of(each)) for each in fields(RunFacts)}
    found["served"] = _table(ServedTable, run.served, data, f"{prefix}served")
    lanes = _table(LanesTable, run.lanes, data, f"{prefix}lanes")
    found["lane_labels"] = lane_labels(lanes, f"{prefix}lanes")
    run.served = run.lanes = NOTHING
    return found


def _table(kind: Any, part: msgspec.Raw, data: bytearray, place: str) -> Any:
    """Return a table that is read only if it is short, in bytes, for a table of its kind."""
    if len(bytes(part)) > MAX_TABLE_BYTES:
        size = len(bytes(part))
        raise BadFile(
            place,
            lazy(
                "it has {size:,} bytes; it must have at most {most:,}",
                size=size,
                most=MAX_TABLE_BYTES,
            ),
        )
    return _as(kind, part, data, place)


def _texts(kind: Any, part: msgspec.Raw, most: int, data: bytearray, place: str) -> Any:
    """Return a list of texts; one of far more than `most` is refused before any is made.

    Two quotes are around each text, and what stands behind a backslash may be none of them. So up
    to twice as many are made where each text is a backslash, and then refused.
    """
    text = bytes(part)
    at_least = (text.count(b'"') - text.count(b'\\"')) // 2
    if at_least > most:
        said = lazy(
            "it has at least {count:,} entries; it must have at most {most:,}",
            count=at_least,
            most=most,
        )
        raise BadFile(place, said)
    return _as(kind, part, data, place)


def _program(run: RunFields, data: bytearray, prefix: str) -> Program:
    """Return what ran: a pattern with its settings or, where these are null, a program."""
    if bytes(run.spec) != bytes(NULL):
        return _spec(_table(SpecTable, run.spec, data, f"{prefix}spec"), f"{prefix}spec")
    own = run.program
    if own is None:
        raise BadFile(f"{prefix}program", lazy("it must be given where spec is null"))
    given: dict[str, Any] = msgspec.structs.asdict(own)
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    process = own.process and ProcessOfProgram(**msgspec.structs.asdict(own.process))
    return OwnProgram(**(given | lists | {"process": process}))


def _spec(given: Mapping[str, Setting], place: str) -> RunSpec:
    # The first versions wrote no other settings, and later ones may write more than there are here.
    known = {"pattern", *SETTINGS}
    for name in ("pattern", "tasks", "sleep_s"):
        if name not in given:
            raise BadFile(place, lazy("the key {key} is missing", key=name))
    try:
        return RunSpec.from_dict({name: given[name] for name in given if name in known})
    except BadValue as error:
        raise BadFile(place, error) from error
