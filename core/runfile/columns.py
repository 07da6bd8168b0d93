"""The columns of a run file: jobs, spans and steps, and what must hold of them together.

Jobs are read in blocks, so that never all of them are objects.
"""

import re
from array import array
from collections.abc import Sequence
from sys import intern

import numpy as np

from core.errors import BadFile
from core.recording.events import NOBODY, Canceller, LaneKind, is_loop, lane_code, lane_name
from core.recording.recorder import JobError
from core.runfile.schema import (
    CauseFields,
    DeadlockFields,
    ErrorFields,
    JobFields,
    SpanFields,
    StepFields,
)
from core.text.language import LazyText, lazy
from core.timeline.laws import Rule, Table, Violation, violations
from core.timeline.timeline import (
    LOOP,
    NO_CPU_TIME,
    Cause,
    Deadlock,
    Integers,
    Jobs,
    On,
    Outcome,
    Spans,
    State,
    Steps,
    Timeline,
)

# Seven digits: a lane's kind and number are one integer, and no run has 10 million workers.
_LANE = re.compile(r"(?P<kind>[a-z]+)(?:-(?P<number>[1-9][0-9]{0,6}))?")
_KINDS = {kind.name.lower(): kind for kind in LaneKind}
_STATES = {state.word: int(state) for state in State}
_WAITS: dict[str | None, int] = {on.name.lower(): int(on) for on in On} | {None: 0}
_CAUSES = {cause.word: int(cause) for cause in Cause}
JOB_COLUMNS = (
    "number",
    "created_ns",
    "ended_ns",
    "attempts",
    "cancelled_ns",
    "cancelled_by",
    "cancelled_how",
    "cancelled_again_ns",
    "parent",
    "library",
)
SPAN_COLUMNS = ("state", "start_ns", "end_ns", "lane", "on", "cpu_ns", "holder", "site")


class JobColumns:
    """What jobs did, block after block.

    Attributes:
        sites: The places that spans name, with their numbers from 1, in the order in which they
            came; empty if the file has columns for them.
    """

    def __init__(self, prefix: str, *, names_sites: bool) -> None:
        """Begin with no jobs.

        Args:
            prefix: What stands before a key in an error, such as `runs[1].`.
            names_sites: Whether each span says where it was, as in older files.
        """
        self.sites: dict[str, int] = {}
        self._prefix = prefix
        self._names_sites = names_sites
        self._lanes: dict[str, int] = {}
        # An array takes 8 bytes for a number, a list of Python's integers 36 to 40.
        self._jobs = {name: array("q") for name in JOB_COLUMNS}
        self._spans = {name: array("q") for name in SPAN_COLUMNS}
        self._spans_each = array("q")
        self._outcome: list[Outcome] = []
        self._error: list[JobError | None] = []
        self._result: list[str | None] = []
        self._name: list[str] = []
        self._coroutine: list[str] = []

    @property
    def span_count(self) -> int:
        """How many spans there are so far."""
        return len(self._spans["state"])

    def add(self, jobs: Sequence[JobFields]) -> None:
        """Add some more jobs.

        Raises:
            BadFile: If one names a lane that there cannot be.
        """
        spans = [span for job in jobs for span in job.spans]
        self._learn_lanes(jobs, {span.lane for span in spans})
        self._add_spans(spans)
        columns: dict[str, Sequence[int]] = {
            "number": [job.id for job in jobs],
            "created_ns": [job.created_ns for job in jobs],
            "ended_ns": [job.ended_ns for job in jobs],
            "attempts": [job.attempts for job in jobs],
            "cancelled_ns": [_or(NOBODY, job.cancelled_ns) for job in jobs],
            "cancelled_by": [_or(NOBODY, job.cancelled_by) for job in jobs],
            "cancelled_how": [_canceller(job) for job in jobs],
            "cancelled_again_ns": [_or(NOBODY, job.cancelled_again_ns) for job in jobs],
            "parent": [_or(NOBODY, job.parent) for job in jobs],
            "library": [int(job.library) for job in jobs],
        }
        for name, values in columns.items():
            self._jobs[name].extend(values)
        self._spans_each.extend([len(job.spans) for job in jobs])
        self._outcome += [Outcome(job.outcome) for job in jobs]
        self._error += [error_of(job.error) for job in jobs]
        self._result += [job.result for job in jobs]
        self._name += [job.name for job in jobs]
        self._coroutine += [intern(job.coroutine or "") for job in jobs]

    def _add_spans(self, spans: Sequence[SpanFields]) -> None:
        columns: dict[str, Sequence[int]] = {
            "state": [_STATES[span.state] for span in spans],
            "start_ns": [span.start_ns for span in spans],
            "end_ns": [span.end_ns for span in spans],
            "lane": [self._lanes[span.lane] for span in spans],
            "on": [_WAITS[span.on] for span in spans],
            "cpu_ns": [_or(NO_CPU_TIME, span.cpu_ns) for span in spans],
            "holder": [_or(NOBODY, span.holder) for span in spans],
            "site": [self._site(span.where) for span in spans] if self._names_sites else [],
        }
        for name, values in columns.items():
            self._spans[name].extend(values)

    def _site(self, where: str | None) -> int:
        return 0 if where is None else self.sites.setdefault(where, len(self.sites) + 1)

    def _learn_lanes(self, jobs: Sequence[JobFields], names: set[str]) -> None:
        codes = {name: _code_of_lane(name) for name in names - self._lanes.keys()}
        self._lanes |= {name: code for name, code in codes.items() if code is not None}
        if not names - self._lanes.keys():
            return
        before = len(self._outcome)
        # Only now that one is known to be wrong is it worth a search for its place.
        for row, job in enumerate(jobs, start=before):
            for place, span in enumerate(job.spans):
                if span.lane not in self._lanes:
                    raise _bad_lane(f"{self._prefix}jobs[{row}].spans[{place}].lane", span.lane)

    def jobs(self, *, named: bool = False) -> Jobs:
        """Return all jobs, with names of their own or without."""
        columns = {name: _column(values) for name, values in self._jobs.items()}
        if not named:
            del columns["parent"], columns["library"]
        return Jobs(
            **columns,
            outcome=tuple(self._outcome),
            error=tuple(self._error),
            result=tuple(self._result),
            name=tuple(self._name) if named else (),
            coroutine=tuple(self._coroutine) if named and any(self._coroutine) else (),
        )

    def spans(self, site: Integers | None, waker: Integers | None, cause: Integers) -> Spans:
        """Return all spans, with what columns of the file say of them, where it has these."""
        columns = {name: _column(values) for name, values in self._spans.items()}
        if site is not None and not self._names_sites:
            columns["site"] = site
        if waker is None:
            waker = np.full(self.span_count, NOBODY, dtype=np.int64)
        # Spans stand job by job, so the file does not say of each whose it is.
        job = np.repeat(_column(self._jobs["number"]), _column(self._spans_each))
        return Spans(**columns, job=job, waker=waker, cause=cause)


def _canceller(job: JobFields) -> Canceller:
    """Return who cancelled a job; a file of before that was recorded names the job, if one did."""
    if job.cancelled_how is not None:
        return Canceller[job.cancelled_how.upper()]
    return Canceller.UNKNOWN if job.cancelled_by is None else Canceller.JOB


def _code_of_lane(name: str) -> int | None:
    """Return the number of a lane by its name; None if there cannot be such a lane."""
    found = _LANE.fullmatch(name)
    if found is None or found["kind"] not in _KINDS:
        return None
    return lane_code(_KINDS[found["kind"]], int(found["number"] or 0))


def cause_columns(fields: CauseFields | None, count: int, place: str) -> tuple[Integers, Integers]:
    """Return the cause of each of `count` steps or spans, and how much of it that was, in ns.

    Raises:
        BadFile: If the causes do not go with them.
    """
    cause, lasted_ns = np.zeros((2, count), dtype=np.int64)
    if fields is not None:
        places = np.array(fields.place, dtype=np.int64)
        check_count(f"{place}.cause", fields.cause, len(places))
        check_count(f"{place}.ns", fields.ns, len(places))
        if (places >= count).any():  # negative ones are refused by their type
            given = int(places[places >= count][0])
            said = lazy("it is {given:,}; there are {count:,} entries", given=given, count=count)
            raise BadFile(f"{place}.place", said)
        cause[places] = [_CAUSES[word] for word in fields.cause]
        lasted_ns[places] = 0 if fields.ns is None else fields.ns
    return cause, lasted_ns


def _bad_lane(place: str, name: str) -> BadFile:
    """Return the error about a lane that there cannot be."""
    said = lazy(
        "it is {given}; it must be loop, main, thread-1, process-1, dask-1 or the like",
        given=ascii(name),
    )
    return BadFile(place, said)


def lane_labels(lanes: dict[str, str], place: str) -> dict[int, str]:
    """Return the table of lanes by their numbers.

    Raises:
        BadFile: If one is a lane that there cannot be.
    """
    codes = {name: _code_of_lane(name) for name in lanes}
    for name, code in codes.items():
        if code is None:
            raise _bad_lane(place, name)
    return {code: lanes[name] for name, code in codes.items() if code is not None}


def steps_of(steps: StepFields | None, prefix: str) -> Steps:
    """Return the steps of a run; none where the file has none.

    Raises:
        BadFile: If a column does not go with the others, or names a lane that is no loop.
    """
    columns = ([], [], []) if steps is None else (steps.start_ns, steps.end_ns, steps.site)
    start_ns, end_ns, site = map(_as_column, columns)
    lane = np.full(len(start_ns), LOOP)
    if steps is not None and steps.lane is not None:
        lane = _as_column(_lane_codes(steps.lane, f"{prefix}steps.lane"))
    causes = None if steps is None else steps.causes
    cause, cause_ns = cause_columns(causes, len(start_ns), f"{prefix}steps.causes")
    found = Steps(
        start_ns=start_ns, end_ns=end_ns, site=site, lane=lane, cause=cause, cause_ns=cause_ns
    )
    _check_step_counts(found, prefix)
    return found


def _lane_codes(names: Sequence[str], place: str) -> list[int]:
    codes = {name: _code_of_lane(name) for name in set(names)}
    for name, code in codes.items():
        if code is None or not is_loop(code):
            raise _bad_lane(place, name)
    return [codes[name] or 0 for name in names]


def deadlocks_of(fields: Sequence[DeadlockFields]) -> tuple[Deadlock, ...]:
    """Return the circles of jobs that waited for one another."""
    return tuple(Deadlock(at_ns=each.at_ns, jobs=tuple(each.jobs)) for each in fields)


def optional_column(values: Sequence[int] | None) -> Integers | None:
    """Return a column that a file may have."""
    return None if values is None else _as_column(values)


def _as_column(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def error_of(error: ErrorFields | None) -> JobError | None:
    """Return an exception as timelines have it."""
    if error is None:
        return None
    return JobError(kind=error.type, message=error.message, values=tuple(error.values.items()))


def _column(values: "array[int]") -> Integers:
    """Return an array as a column, without a copy."""
    # From here on the array cannot grow (BufferError): it shares its memory with the column.
    return np.frombuffer(values, dtype=np.int64)


def _or(missing: int, value: int | None) -> int:
    return missing if value is None else value


def check_counts(spans: int, sites: Integers | None, wakers: Integers | None, prefix: str) -> None:
    """Refuse columns that do not go with the spans.

    Args:
        spans: How many spans the jobs have together.
        sites: The place of each span, where the file has that column.
        wakers: The job that woke each span's job, where the file has that column.
        prefix: What stands before a key in an error, such as `runs[1].`.

    Raises:
        BadFile: With the key.
    """
    check_count(f"{prefix}span_sites", sites, spans)
    check_count(f"{prefix}span_wakers", wakers, spans)


def _check_step_counts(steps: Steps, prefix: str) -> None:
    """Refuse columns of steps that do not go with one another.

    Raises:
        BadFile: With the key.
    """
    check_count(f"{prefix}steps.end_ns", steps.end_ns, len(steps))
    check_count(f"{prefix}steps.site", steps.site, len(steps))
    check_count(f"{prefix}steps.lane", steps.lane, len(steps))


def check_count(name: str, column: Sequence[object] | Integers | None, count: int) -> None:
    """Refuse a column that does not have `count` entries.

    Raises:
        BadFile: With the key.
    """
    if column is not None and len(column) != count:
        said = lazy(
            "it has {given:,} entries; it must have {count:,}", given=len(column), count=count
        )
        raise BadFile(name, said)


def check(timeline: Timeline, prefix: str) -> None:
    """Refuse a timeline that breaks a law, or whose numbers lead nowhere.

    Raises:
        BadFile: With the first key that is wrong.
    """
    places = _Places(timeline, prefix)
    # a file may have no steps, or not all of them: it is not refused for what it leaves out
    for found in violations(timeline, has_steps=False):
        raise BadFile(places.of(found.table, found.row, found.key), _said(found, places))


class _Places:
    """Where jobs, spans and steps stand in the file."""

    def __init__(self, timeline: Timeline, prefix: str) -> None:
        self._prefix = prefix
        self._row = np.searchsorted(timeline.jobs.number, timeline.spans.job)

    def of(self, table: Table, row: int, key: str) -> str:
        if table is Table.SPANS:
            job = int(self._row[row])
            span = row - int(np.searchsorted(self._row, job))
            return f"{self._prefix}jobs[{job}].spans[{span}].{key}"
        if table is Table.JOBS:
            return f"{self._prefix}jobs[{row}].{key}"
        column = f"{table}.{key}" if key else table
        return f"{self._prefix}{column}[{row}]"


def _said(found: Violation, places: _Places) -> LazyText:
    other: int | str = found.other
    if found.rule is Rule.LOOP_BY_LOOP:
        other = lane_name(found.other)
    if found.rule is Rule.FREE:
        other = places.of(found.table, found.other_row, "end_ns").rpartition(".")[0]
    return _SENTENCES[found.rule].with_values(
        given=found.given, before=found.other, until=found.other, count=found.other, other=other
    )


# all but `IN_STEP`, for which no file is refused
# `row` and `key` say where; these say what was found there and what it must be.
_SENTENCES = {
    Rule.LARGER: lazy(
        "it is {given}; it must be larger than that of the job before, which is {before}"
    ),
    Rule.AFTER: lazy("it is {given:,}; it must come after {other:,}"),
    Rule.TOUCHES: lazy("it is {given:,}; it must be {other:,}, without a gap or an overlap"),
    Rule.FILLED: lazy("it is empty; it must fill the time from created_ns to ended_ns"),
    Rule.NO_WAIT: lazy("it must be null where the state is not waiting"),
    Rule.ON_LOOP: lazy("it must be loop where the state is running"),
    Rule.FREE: lazy("it is {given:,}, when the same worker is at {other} until {until:,}"),
    Rule.LOOP_BY_LOOP: lazy("it must come before {other}: steps stand loop by loop"),
    Rule.BEFORE: lazy("it is {given:,}; it must be the id of a job before this one"),
    Rule.KNOWN: lazy("it is {given:,}; sites has {count:,} entries"),
}
