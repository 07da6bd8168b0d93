"""Recordings of somebody's own program, read: the blocks of a file become a timeline.

What is in a file may be made up. So rows are looked through before they are assembled, and the
timeline must keep the laws, as that of a run file.
"""

import io
import json
from sys import intern
from typing import Any

import numpy as np

from core.errors import BadFile
from core.jobs import OwnProgram, ProcessOfProgram
from core.recording.events import COLUMNS, DETAIL_BITS, KIND_BITS, KIND_MASK, NOBODY, WIDTH, Kind
from core.recording.recorder import JobError
from core.recording.recording_file import MAGIC, DamagedBlock, blocks
from core.runfile.columns import check
from core.runfile.schema import MAX_JOBS, NS_PER_DAY
from core.text.language import lazy
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Integers, Timeline

MAX_TEXT = 1_000
MAX_PLACE = 2**31
JOB = COLUMNS.index("job")
_KINDS = np.array([int(kind) for kind in Kind])
_OF_LOOPS = np.array([Kind.STEP, Kind.MORE, Kind.HELD, Kind.READY, Kind.TURN])


def is_recording(file: "io.BufferedReader[Any]") -> bool:
    """Return whether a file begins as a recording does; nothing is taken from it."""
    return file.peek(len(MAGIC))[: len(MAGIC)] == MAGIC


def read_recording(file: "io.BufferedReader[Any]", most_bytes: int, most_values: int) -> Timeline:
    """Return the timeline of a recording file, up to its last whole block.

    Args:
        file: The file, from its beginning.
        most_bytes: How many bytes its blocks may have, inflated.
        most_values: How many values the JSON in them may have: each takes up to 200 bytes.

    Raises:
        BadFile: If it is damaged otherwise than by being cut off, or too large.
        OSError: If it cannot be read.
    """
    file.read(len(MAGIC))
    found = _Found(most_values)
    try:
        for tag, content in blocks(file, most_bytes):
            found.take(tag, content)
        return found.timeline()
    except DamagedBlock as error:
        raise BadFile("", lazy("a block of the recording is damaged, or too large")) from error
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
        # What nobody's recorder writes; the check of the laws has raised a BadFile of its own.
        raise BadFile("", lazy("the recording is damaged")) from error


class _Found:
    """What the blocks have said so far."""

    def __init__(self, most_values: int) -> None:
        self._values_left = most_values
        self._head: dict[str, Any] = {}
        self._end: dict[str, Any] | None = None
        self._rows = bytearray()
        self._under_way = b""
        self._heard_ns = 0
        self._sites: list[str] = []
        self._loops: list[str] = []
        self._unrecorded: list[str] = []
        self._joined = False
        self._names: dict[int, str] = {}
        self._coroutines: dict[int, str] = {}
        self._results: dict[int, str] = {}
        self._errors: dict[int, JobError] = {}
        self._dropped = 0

    def take(self, tag: bytes, content: bytes) -> None:
        """Take in a block; one of a later version is passed over."""
        if tag == b"H":
            self._head = self._table(content)
            self._heard_ns = _time(self._head["started_ns"])
        elif tag == b"R":
            self._rows += content
        elif tag == b"U":
            self._under_way = content
        elif tag == b"T":
            self._take_texts(self._table(content))
        elif tag == b"E":
            self._end = self._table(content)

    def _table(self, content: bytes) -> dict[str, Any]:
        self._values_left -= sum(content.count(mark) for mark in (b",", b"[", b"{"))
        if self._values_left < 0:
            raise DamagedBlock
        found = json.loads(content)
        if not isinstance(found, dict):
            raise TypeError(found)
        return found

    def _take_texts(self, given: dict[str, Any]) -> None:
        self._heard_ns = max(self._heard_ns, _time(given["at_ns"]))
        self._sites += map(_text, given["sites"])
        self._loops = list(map(_text, given["loops"]))
        self._unrecorded = list(map(_text, given.get("unrecorded_loops", ())))
        self._joined = bool(given.get("joined"))
        self._dropped += int(given["dropped_events"])
        self._names |= {int(number): _text(name) for number, name in given["names"].items()}
        # as it is repeated, so that a name is held once
        self._coroutines |= {
            int(number): intern(_text(name)) for number, name in given.get("coroutines", {}).items()
        }
        self._results |= {int(number): _text(text) for number, text in given["results"].items()}
        self._errors |= {
            int(number): JobError(kind=_text(kind), message=_text(message))
            for number, (kind, message) in given["errors"].items()
        }

    def timeline(self) -> Timeline:
        """Return what was recorded as a timeline that keeps the laws."""
        head, end = self._head, self._end or {}
        started_ns = _time(head["started_ns"])
        returned_ns = _time(end.get("returned_ns", self._heard_ns))
        rows = _checked(self._rows, started_ns)
        created = rows[rows[:, 0] & KIND_MASK == Kind.CREATED][:, JOB]
        labels = {int(lane): _text(label) for lane, label in end.get("lane_labels", {}).items()}
        failure = end.get("recording_failure")
        recording = Recording(
            python=_text(head["python"]),
            has_gil=bool(head["has_gil"]),
            cpu_ns=_time(end.get("cpu_ns", 0)),
            lane_labels=labels,
            dropped_events=self._dropped,
            recording_failure=None if failure is None else _text(failure),
            events=_of_jobs(rows, created).tobytes(),
            started_ns=started_ns,
            returned_ns=max(returned_ns, started_ns),
            sites=self._sites,
            job_names=self._names,
            job_coroutines=self._coroutines,
            job_results=self._results,
            job_errors=self._errors,
            cost_per_event_ns=float(end.get("cost_per_event_ns", 0.0)),
            finished=self._end is not None and not end.get("goes_on"),
            heard_ns=self._heard_ns,
            under_way=_of_jobs(_checked(self._under_way, started_ns), created).tobytes(),
        )
        program = OwnProgram(
            command=tuple(map(_text, head["command"])) or ("?",),
            loops=tuple(self._loops),
            unrecorded_loops=tuple(self._unrecorded),
            joined=self._joined,
            whole_from_ns=_time(head.get("whole_from_ns", 0)),
            process=_process(head),
        )
        timeline = assemble(program, recording)
        check(timeline, "")
        return timeline


def _process(head: dict[str, Any]) -> ProcessOfProgram | None:
    """Return which of a program's processes wrote a file; None where only one was recorded."""
    given = head.get("process")
    if given is None:
        return None
    parent = given["parent_pid"]
    return ProcessOfProgram(
        family=_text(given["family"]),
        pid=_time(head["pid"]),
        parent_pid=None if parent is None else _time(parent),
        name=_text(given["name"]),
        started_ns=_time(head["started_ns"]),
    )


def _text(value: object) -> str:
    return str(value)[:MAX_TEXT]


def _time(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**62:
        raise ValueError(value)
    return value


def _checked(content: bytes | bytearray, started_ns: int) -> Integers:
    """Return rows that can be assembled, however they were made; others are refused.

    Raises:
        ValueError: If a number is out of its range.
    """
    table = np.frombuffer(content, dtype=np.int64).reshape(-1, WIDTH)
    columns = {name: table[:, place] for place, name in enumerate(COLUMNS)}
    kind = columns["kind"] & KIND_MASK
    turn = kind == Kind.TURN
    times = [columns[name] for name in ("ready_ns", "start_ns", "end_ns")]
    good = np.isin(kind, _KINDS) & (columns["kind"] >= 0)
    good &= (columns["kind"] >> KIND_BITS < MAX_PLACE) & (
        np.isin(kind, _OF_LOOPS) | (columns["kind"] == kind)
    )
    good &= turn | ((columns["job"] >= NOBODY) & (columns["job"] < MAX_JOBS))
    good &= (columns["detail"] >= 0) & (turn | (columns["detail"] >> DETAIL_BITS < MAX_PLACE))
    for column in times:
        good &= (column >= 0) & (column < started_ns + NS_PER_DAY)
    if not good.all():
        raise ValueError(table[~good][0])
    created = columns["job"][kind == Kind.CREATED]
    if len(np.unique(created)) < len(created):
        raise ValueError(created)
    return table


def _of_jobs(table: Integers, created: Integers) -> Integers:
    """Return rows without those of jobs that were never created; steps stay, as nobody's."""
    kind, job = table[:, 0] & KIND_MASK, table[:, JOB]
    stray = (kind != Kind.TURN) & (job != NOBODY) & ~np.isin(job, created)
    if not stray.any():
        return table
    of_loop = np.isin(kind, [Kind.STEP, Kind.MORE, Kind.HELD])
    table = table.copy()
    table[stray & of_loop, JOB] = NOBODY
    found: Integers = table[~stray | of_loop]
    return found
