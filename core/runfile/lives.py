"""The jobs of a run file as columns: read in blocks, so that never all of them are objects."""

import re
from array import array
from collections.abc import Sequence

import numpy as np

from core.errors import BadFile
from core.recording.events import NOBODY, Canceller, LaneKind, lane_code
from core.recording.recorder import JobError
from core.runfile.checking import check_count
from core.runfile.schema import CauseFields, ErrorFields, JobFields, SpanFields
from core.text.language import lazy
from core.timeline.timeline import NO_CPU_TIME, Cause, Integers, Jobs, On, Outcome, Spans, State

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
)
SPAN_COLUMNS = ("state", "start_ns", "end_ns", "lane", "on", "cpu_ns", "site")


class Lives:
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
        self._jobs = {name: array("q") for name in JOB_COLUMNS}
        self._spans = {name: array("q") for name in SPAN_COLUMNS}
        self._spans_each = array("q")
        self._outcome: list[Outcome] = []
        self._error: list[JobError | None] = []
        self._result: list[str | None] = []

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
        }
        for name, values in columns.items():
            self._jobs[name].extend(values)
        self._spans_each.extend([len(job.spans) for job in jobs])
        self._outcome += [Outcome(job.outcome) for job in jobs]
        self._error += [error_of(job.error) for job in jobs]
        self._result += [job.result for job in jobs]

    def _add_spans(self, spans: Sequence[SpanFields]) -> None:
        columns: dict[str, Sequence[int]] = {
            "state": [_STATES[span.state] for span in spans],
            "start_ns": [span.start_ns for span in spans],
            "end_ns": [span.end_ns for span in spans],
            "lane": [self._lanes[span.lane] for span in spans],
            "on": [_WAITS[span.on] for span in spans],
            "cpu_ns": [_or(NO_CPU_TIME, span.cpu_ns) for span in spans],
            "site": [self._site(span.where) for span in spans] if self._names_sites else [],
        }
        for name, values in columns.items():
            self._spans[name].extend(values)

    def _site(self, where: str | None) -> int:
        return 0 if where is None else self.sites.setdefault(where, len(self.sites) + 1)

    def _learn_lanes(self, jobs: Sequence[JobFields], names: set[str]) -> None:
        codes = {name: code_of_lane(name) for name in names - self._lanes.keys()}
        self._lanes |= {name: code for name, code in codes.items() if code is not None}
        if not names - self._lanes.keys():
            return
        before = len(self._outcome)
        for row, job in enumerate(jobs, start=before):
            for place, span in enumerate(job.spans):
                if span.lane not in self._lanes:
                    raise bad_lane(f"{self._prefix}jobs[{row}].spans[{place}].lane", span.lane)

    def jobs(self) -> Jobs:
        """Return all jobs."""
        columns = {name: _column(values) for name, values in self._jobs.items()}
        return Jobs(
            **columns,
            outcome=tuple(self._outcome),
            error=tuple(self._error),
            result=tuple(self._result),
        )

    def spans(self, site: Integers | None, waker: Integers | None, cause: Integers) -> Spans:
        """Return all spans, with what columns of the file say of them, where it has these."""
        columns = {name: _column(values) for name, values in self._spans.items()}
        if site is not None and not self._names_sites:
            columns["site"] = site
        if waker is None:
            waker = np.full(self.span_count, NOBODY, dtype=np.int64)
        job = np.repeat(_column(self._jobs["number"]), _column(self._spans_each))
        return Spans(**columns, job=job, waker=waker, cause=cause)


def _canceller(job: JobFields) -> Canceller:
    """Return who cancelled a job; a file of before that was recorded names the job, if one did."""
    if job.cancelled_how is not None:
        return Canceller[job.cancelled_how.upper()]
    return Canceller.UNKNOWN if job.cancelled_by is None else Canceller.JOB


def code_of_lane(name: str) -> int | None:
    """Return the number of a lane by its name; None if there cannot be such a lane."""
    found = _LANE.fullmatch(name)
    if found is None or found["kind"] not in _KINDS:
        return None
    return lane_code(_KINDS[found["kind"]], int(found["number"] or 0))


def cause_columns(fields: CauseFields | None, count: int, place: str) -> tuple[Integers, Integers]:
    """Return the cause of each of so many steps or spans, and for how much of it.

    Raises:
        BadFile: If the causes do not go with them.
    """
    cause, lasted_ns = np.zeros((2, count), dtype=np.int64)
    if fields is not None:
        places = np.array(fields.place, dtype=np.int64)
        check_count(f"{place}.cause", fields.cause, len(places))
        check_count(f"{place}.ns", fields.ns, len(places))
        if (places >= count).any():
            given = int(places[places >= count][0])
            said = lazy("it is {given:,}; there are {count:,} entries", given=given, count=count)
            raise BadFile(f"{place}.place", said)
        cause[places] = [_CAUSES[word] for word in fields.cause]
        lasted_ns[places] = 0 if fields.ns is None else fields.ns
    return cause, lasted_ns


def bad_lane(place: str, name: str) -> BadFile:
    """Return the error about a lane that there cannot be."""
    said = lazy(
        "it is {given}; it must be loop, main, thread-1, process-1, dask-1 or the like",
        given=ascii(name),
    )
    return BadFile(place, said)


def error_of(error: ErrorFields | None) -> JobError | None:
    """Return an exception as timelines have it."""
    if error is None:
        return None
    return JobError(kind=error.type, message=error.message, values=tuple(error.values.items()))


def _column(values: "array[int]") -> Integers:
    """Return an array as a column, without a copy."""
    return np.frombuffer(values, dtype=np.int64)


def _or(missing: int, value: int | None) -> int:
    return missing if value is None else value
