"""A finished run as immutable columns: jobs, their spans and the steps of the loop.

Everything in here is a pure function of what was recorded; times are integer nanoseconds since
the run's start. A run of 10,000 jobs has some 60,000 spans: as columns of numpy they are built,
measured and drawn without an object for each.
"""

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.jobs import RunFacts
from core.recording.events import LaneKind, Then, lane_code, lane_name
from core.recording.recorder import JobError, LogLine
from core.spec.program import code_digest, shown_line
from core.spec.run_spec import Program, RunSpec

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

# asyncio's debug mode warns from 100 ms on (`slow_callback_duration`); jobs of a tenth of a second
# are late by a tenth of their time already at 10 ms.
BLOCKING_MS = 10
BLOCKING_NS = BLOCKING_MS * 1_000_000
LOOP = lane_code(LaneKind.LOOP, 0)
NO_CPU_TIME = -1
BYTES_AN_OBJECT, BYTES_A_POINTER = 64, 8


class State(IntEnum):
    """What a job does during a span."""

    QUEUED = 0
    READY = 1
    RUNNING = 2
    WAITING = 3
    WORKING = 4

    @property
    def word(self) -> str:
        """The state's name in the run file."""
        return self.name.lower()


class Outcome(StrEnum):
    """How a job ended."""

    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


class On(IntEnum):
    """What a waiting job waits for; numbered as `Then`, with the wait for a first step as 0."""

    START = Then.NOTHING
    TIMER = Then.TIMER
    FUTURE = Then.FUTURE
    TASK = Then.TASK
    EXECUTOR = Then.EXECUTOR
    JOB = Then.JOB
    LOCK = Then.LOCK
    SEMAPHORE = Then.SEMAPHORE
    EVENT = Then.EVENT
    CONDITION = Then.CONDITION
    BARRIER = Then.BARRIER
    QUEUE = Then.QUEUE
    STREAM = Then.STREAM
    PROCESS = Then.PROCESS
    CONNECTION = Then.CONNECTION


HELD_BY_JOBS = (On.LOCK, On.SEMAPHORE, On.CONDITION, On.BARRIER)
"""What a job can wait for because another one holds it."""


class Cause(IntEnum):
    """What most of the time was for which the loop was held long; 0 also where it was not."""

    NOT_KNOWN = 0
    CALCULATION = 1
    CALL = 2
    """A call that waited."""
    GIL = 3
    """The loop's thread waited for the GIL, which other threads had."""
    COLLECTION = 4
    """A garbage collection."""
    MACHINE = 5
    """A thread could run, and had no processor: the machine had other work."""

    @property
    def word(self) -> str:
        """The cause's name in the run file."""
        return self.name.lower()


EXCUSES = (Cause.GIL, Cause.COLLECTION, Cause.MACHINE)
"""What no job is to blame for."""


def _chosen(table: Any, rows: Any) -> dict[str, Any]:
    """Return some rows of each column of a table; columns that nobody filled stay empty."""
    found: dict[str, Any] = {}
    for each in fields(table):
        column = getattr(table, each.name)
        if isinstance(column, np.ndarray):
            found[each.name] = column[rows] if len(column) else column
        else:  # texts and outcomes of jobs, whose rows are chosen by number
            found[each.name] = tuple(column[row] for row in rows) if column else column
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Stretches of jobs' lives in one state each, sorted by job and then by time.

    All columns have one entry a span. `on` counts in waiting spans only, `cpu_ns` in working ones
    (elsewhere it is `NO_CPU_TIME`); `site` is an index into `Timeline.sites`, where 0 is unknown.
    `cause` is the `Cause` of a running span of `BLOCKING_MS` or more, and 0 elsewhere.
    `holder` is the job that held what a waiting span is on, as far as it was seen; else `NOBODY`.
    """

    job: Integers
    state: Integers
    start_ns: Integers
    end_ns: Integers
    lane: Integers
    site: Integers
    on: Integers
    cpu_ns: Integers
    waker: Integers
    cause: Integers
    holder: Integers

    def __len__(self) -> int:
        """Return the number of spans."""
        return len(self.job)

    def where(self, selection: Booleans | Integers) -> "Spans":
        """Return some of the spans."""
        return Spans(**_chosen(self, selection))

    @property
    def duration_ns(self) -> Integers:
        """How long each span lasted."""
        return self.end_ns - self.start_ns

    @property
    def is_connecting(self) -> Booleans:
        """Which spans were waits for one of a limited number of connections."""
        waiting: Booleans = self.state == State.WAITING
        on_connection: Booleans = self.on == On.CONNECTION
        return waiting & on_connection

    @property
    def is_blocking(self) -> Booleans:
        """Which spans held the loop for `BLOCKING_MS` or longer, by the job's own doing."""
        blocking: Booleans = self.state == State.RUNNING
        running = np.flatnonzero(blocking)
        blocking[running] = self.end_ns[running] - self.start_ns[running] >= BLOCKING_NS
        running = running[blocking[running]]
        blocking[running] = ~np.isin(self.cause[running], EXCUSES)
        return blocking


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlock:
    """Jobs that waited for one another in a circle from a time on.

    Each waits for what the next one holds, the last one for what the first one does. The first is
    the one that closed the circle; a job alone waits for what it holds itself.
    """

    at_ns: int
    jobs: tuple[int, ...]


def _no_numbers() -> Integers:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """One entry a job, in the order of their numbers.

    `cancelled_ns` is when a job got the cancellation that it had not taken back at its end,
    whether it heeded it or not; -1 where there is none. `cancelled_how` is who cancelled it, a
    `Canceller`, and `cancelled_by` the job that did or whose timer or group it was; -1 if no job.
    `cancelled_again_ns` is when it got the last one, where that was not the same; -1 otherwise.
    `name` is what the program calls its tasks, and `coroutine` what each of them runs; empty where
    jobs have no names but their numbers. `parent` is the job that made each, one with a smaller
    number, or `NOBODY`. `library` is 1 where nothing of the program's own was seen in a job: its
    code, the line that made it, or one at which it waited; 0 elsewhere. A pattern has neither.
    """

    number: Integers
    created_ns: Integers
    ended_ns: Integers
    attempts: Integers
    cancelled_ns: Integers
    cancelled_by: Integers
    cancelled_how: Integers
    cancelled_again_ns: Integers
    outcome: tuple[Outcome, ...]
    error: tuple[JobError | None, ...]
    result: tuple[str | None, ...]
    name: tuple[str, ...] = ()
    coroutine: tuple[str, ...] = ()
    parent: Integers = field(default_factory=_no_numbers)
    library: Integers = field(default_factory=_no_numbers)

    def __len__(self) -> int:
        """Return the number of jobs."""
        return len(self.number)

    def where(self, rows: Integers) -> "Jobs":
        """Return the jobs of some rows, in the order of these."""
        return Jobs(**_chosen(self, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps of the event loops, on behalf of jobs or not, loop by loop, in order.

    `lane` is the lane of the loop that ran a step; those of a loop do not overlap. `site` is where
    a step was seen to hold the loop for long, an index as in `Spans`; 0 if it was not seen to.
    `cause` is the `Cause` of a step of `BLOCKING_MS` or more, `cause_ns` for how much of it.
    """

    start_ns: Integers
    end_ns: Integers
    site: Integers
    lane: Integers
    cause: Integers
    cause_ns: Integers

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.start_ns)

    @property
    def lanes(self) -> tuple[int, ...]:
        """The lanes of the loops that ran steps, the first loop first."""
        return tuple(np.unique(self.lane).tolist())

    def of(self, lane: int) -> "Steps":
        """Return the steps of one loop."""
        return self.where(self.lane == lane)

    def where(self, selection: Booleans | Integers | slice) -> "Steps":
        """Return some of the steps."""
        return Steps(**_chosen(self, selection))

    @property
    def is_long(self) -> Booleans:
        """Which steps held their loop for `BLOCKING_MS` or longer, whoever is to blame."""
        long: Booleans = self.end_ns - self.start_ns >= BLOCKING_NS
        return long

    @property
    def is_blocking(self) -> Booleans:
        """Which steps held their loop for `BLOCKING_MS` or longer, by the program's own doing."""
        blocking = self.is_long
        long = np.flatnonzero(blocking)
        blocking[long] = ~np.isin(self.cause[long], EXCUSES)
        return blocking


@dataclass(frozen=True, kw_only=True)
class Timeline(RunFacts):
    """A run, measured once: its facts, and its jobs, spans and steps.

    What is asked of it time and again is worked out once.

    `program` is what ran. `finished` is False for the view of a run that goes on or was ended
    early: jobs without an end are shown up to the last moment known, and counted as lost.
    `silent_ns` is for how long before its end nothing more is known of such a run, since its
    process could not speak.
    """

    program: Program
    wall_ns: int
    jobs: Jobs
    spans: Spans
    steps: Steps
    sites: tuple[str, ...]
    results: tuple[str, ...]
    log: tuple[LogLine, ...]
    error: JobError | None
    recording_ns: int
    finished: bool
    silent_ns: int = 0
    deadlocks: tuple[Deadlock, ...] = ()

    @property
    def spec(self) -> RunSpec | None:
        """The settings of a run of the catalogue; None for a program of somebody's own."""
        return self.program if isinstance(self.program, RunSpec) else None

    def own_name(self, number: int) -> str | None:
        """Return what the program calls a job, by its number; None if it has no name for it."""
        return self._text_of(number, self.jobs.name)

    def coroutine(self, number: int) -> str | None:
        """Return the qualified name of what the task runs that a job is; None if it is not known.

        It is empty for a call of an executor.
        """
        return self._text_of(number, self.jobs.coroutine)

    def _text_of(self, number: int, texts: tuple[str, ...]) -> str | None:
        row = int(np.searchsorted(self.jobs.number, number)) if texts else 0
        return texts[row] if row < len(texts) and self.jobs.number[row] == number else None

    def site_name(self, site: int) -> str | None:
        """Return `file:line` of a site, or None where it is not known."""
        # Sites count from 1, so that columns of zeros mean unknown.
        return self.sites[site - 1] if 0 < site <= len(self.sites) else None

    def code_at(self, site: int) -> str | None:
        """Return a site as its line of code in backticks, where the run's program has it.

        Elsewhere, and where the run was measured with other code than today's, it is `file:line`.
        """
        place = self.site_name(site)
        if place is None or self.spec is None or self.code != code_digest(self.spec):
            return place
        line = shown_line(self.spec, place)
        return f"`{line}`" if line else place

    @cached_property
    def end_ns(self) -> int:
        """When the pattern had returned and the last of its jobs had ended."""
        return max(self.wall_ns, int(self.jobs.ended_ns.max(initial=0)))

    @cached_property
    def steps_of_run(self) -> Steps:
        """The steps up to `end_ns`; later ones are the clean-up of `asyncio.run`."""
        steps = self.steps
        # Steps of several loops stand loop by loop, so what is left out need not be the end.
        begun = steps.where(_as_slice(steps.start_ns < self.end_ns))
        return replace(begun, end_ns=np.minimum(begun.end_ns, self.end_ns))

    @cached_property
    def goes_on(self) -> Booleans:
        """Which of `steps_of_run` had not ended when the run was looked at, or ended early."""
        going: Booleans = self.steps_of_run.end_ns >= self.end_ns
        return going & (not self.finished)

    @property
    def size_bytes(self) -> int:
        """About how much memory the run takes: its columns, and its texts."""
        columns = [
            column
            for table in (self.jobs, self.spans, self.steps)
            for name in type(table).__slots__
            if isinstance(column := getattr(table, name), np.ndarray)
        ]
        texts = [*self.sites, *self.results, *(line.text for line in self.log)]
        texts += [result for result in self.jobs.result if result is not None]
        # the name of a coroutine is one text, however many tasks run it
        texts += [*self.jobs.name, *set(self.jobs.coroutine)]
        errors = [error for error in self.jobs.error if error is not None]
        letters = sum(map(len, texts)) + sum(len(each.kind) + len(each.message) for each in errors)
        held = len(texts) + len(self.log) + 3 * len(errors)
        # these are tuples: outcome, error and result, and of own programs two more
        pointers = 3 * len(self.jobs) + len(self.jobs.name) + len(self.jobs.coroutine)
        return (
            sum(column.nbytes for column in columns)
            + letters
            + held * BYTES_AN_OBJECT
            + pointers * BYTES_A_POINTER
        )

    def lane_name(self, span: int) -> str:
        """Return the name of the loop, thread or process of a span."""
        return lane_name(int(self.spans.lane[span]))

    def lane_text(self, span: int) -> str:
        """Return the name of a span's lane, and where its worker is as far as that is known."""
        label = self.lane_labels.get(int(self.spans.lane[span]))
        return self.lane_name(span) if label is None else f"{self.lane_name(span)} ({label})"

    @property
    def worker_lanes(self) -> tuple[str, ...]:
        """The names of the workers that did something, in the order in which they appeared."""
        codes = np.unique(self.spans.lane[self.spans.state == State.WORKING])
        return tuple(lane_name(int(code)) for code in codes)


def _as_slice(mask: Booleans) -> Booleans | slice:
    """Return a mask as a slice where it only leaves out the end: a slice makes no copies."""
    count = int(np.count_nonzero(mask))
    return slice(count) if mask[:count].all() else mask
