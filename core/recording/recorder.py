"""The recorder of one run: rows of integers, and the few texts that a run has."""

import itertools
import threading
import time
import weakref
from array import array
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .errors import Value
from .events import (
    BYTES_PER_EVENT,
    DETAIL_BITS,
    FIRST_END,
    KIND_MASK,
    NOBODY,
    WIDTH,
    Kind,
    LaneKind,
    Then,
    lane_code,
    pack_row,
)
from .sites import NO_SITE, Sites
from .texts import failure_text, message_of, type_name, values_of

if TYPE_CHECKING:
    from .interference import ThreadClocks
    from .job_steps import YieldWatch

# Of 56 bytes each, so 280 MB: the parent has them all until a run is over.
MAX_EVENTS = 5_000_000
MAX_LOG_LINES = 100_000
MAX_LOG_CHARACTERS = 20_000_000
MAX_INDEX = 1_000_000_000
CREATED = int(Kind.CREATED)
MAX_RESULTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobError:
    """The exception with which a job ended."""

    kind: str
    message: str
    values: tuple[tuple[str, Value], ...] = ()
    """What the message was made of, where the exception has it; see `core.recording.errors`."""

    @classmethod
    def of(cls, error: BaseException) -> "JobError":
        """Return the name of an exception's type and its message, bounded. It never raises."""
        return cls(kind=type_name(type(error)), message=message_of(error), values=values_of(error))

    def as_dict(self) -> dict[str, str]:
        """Return the error as the run file writes it."""
        return {"type": self.kind, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line that the program printed."""

    at_ns: int
    text: str


@dataclass(slots=True, kw_only=True)
class Parcel:
    """What was recorded since the parcel before: rows, and texts that go with them."""

    events: bytes = b""
    log: list[LogLine] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    dropped_events: int = 0
    dropped_lines: int = 0


class Turns(Protocol):
    """What the watch needs of the turns of a loop."""

    def record(self) -> None:
        """Record what the thread has done since the turn began."""

    def waits_in_call(self) -> bool:
        """Return whether the loop's thread waits in a call now, and not for a lock."""

    def row(self) -> bytes:
        """Return what the thread has done since the turn began, as a row; empty if not known."""


class RunningStep(Protocol):
    """What the watch needs of the step that a loop runs; `start_ns` is -1 while it runs none."""

    kind: int
    job: int
    ready_ns: int
    start_ns: int
    waker: int
    write: Callable[[bytes], object]


class JobLoop(Protocol):
    """What the watch needs of a loop that runs."""

    lane: int

    @property
    def step(self) -> RunningStep:
        """What the loop does now."""

    @property
    def thread(self) -> int:
        """The identifier of the thread that runs the loop."""

    @property
    def turns(self) -> "Turns | None":
        """What reads the clocks of that thread, if anything does."""


class Recorder:
    """Collects what happens in one run, from any thread.

    `results` has what is retained of each job's result (see `texts.retained`), `names` the names
    of jobs that have one, `coroutines` those of what tasks run. `newcomers` are the states of tasks
    whose names are not read yet, as a program may give them a moment later. `loop_kinds` are the
    packages of loops that have run, `unrecorded_kinds` those of which only calls are recorded;
    `joined` is whether one ran before. `root_job` returns the job that a coroutine is, or `NOBODY`;
    `job_around` the job that awaits or calls the one that begins now. `unbegun` is the marks' own:
    what they need of each job whose coroutine has not begun. `thread_clocks` are read at times
    where they are set; a virtual clock knows no threads. `own_threads` record, by the system's
    numbers. `lane_labels` is where a lane's worker is, `clock_uncertainty_ns` how far times of
    workers on other machines may be off, `failure` what ended the recording early, if it failed.

    The recorder ends before the program does: each entry of the program into it catches what fails
    in there and ends the recording with a word (`give_up`). In the loop it takes no lock and asks
    no file system. Rows are appended with a single call into C each, which other threads cannot
    interrupt; `take` removes them, so that memory stays bounded while a run is shipped.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], int] = time.perf_counter_ns,
        max_events: int = MAX_EVENTS,
        machinery: Collection[Path] = (),
        connecting: Collection[tuple[str, str]] = (),
        indexed: bool = True,
    ) -> None:
        """Start empty.

        Args:
            clock: Returns the time in nanoseconds; it never goes back.
            max_events: The limit of rows; past it only beginnings and ends of jobs are recorded.
            machinery: Folders whose code carries the program out; no line of theirs is named.
            connecting: The coroutines of libraries that await a connection; see `Sites`.
            indexed: Whether jobs come with indices; else nothing is held of those that have ended.
        """
        self.clock = clock
        self.root_job: Callable[[Any], int] = nobody
        self.job_around: Callable[[], int] = nobody
        self.yields: YieldWatch | None = None
        self.failure: str | None = None
        self._loops: dict[int, weakref.ref[JobLoop]] = {}
        self._loop_numbers = itertools.count()
        self._thread = threading.get_ident()
        self.sites = Sites(machinery, connecting)
        self.results: dict[int, object] = {}
        self.errors: dict[int, JobError] = {}
        self.names: dict[int, str] = {}
        self.coroutines: dict[int, str] = {}
        self.newcomers: list[Any] = []
        self.loop_kinds: set[str] = set()
        self.unrecorded_kinds: set[str] = set()
        self.joined = False
        self.unbegun: dict[int, object] = {}
        self.own_threads: set[int] = set()
        self.thread_clocks: ThreadClocks | None = None
        self.lane_labels: dict[int, str] = {}
        self.clock_uncertainty_ns = 0
        self._rows = array("q")
        self.write: Callable[[bytes], None] = self._rows.frombytes
        self._log: list[LogLine] = []
        self._numbers: dict[int, object] = {}
        self._next_number = 0
        self._order = None if indexed else itertools.count()
        # `get_ident` of a thread that has ended is given to the next one (CPython, pthread_self)
        self._lanes = threading.local()
        self._threads = 0
        self._threads_lock = threading.Lock()
        self._processes: dict[int, int] = {}
        self._room = max_events
        self._log_room = MAX_LOG_LINES
        self._characters_room = MAX_LOG_CHARACTERS
        self._is_copy = False

    def append(self, row: tuple[int, ...]) -> None:
        """Record a row; the loop packs its own and calls `write`, which is faster."""
        self.write(pack_row(*row))

    def create(
        self,
        index: Any,
        birth: int,
        site: int = NO_SITE,
        at_ns: int | None = None,
        by: int = NOBODY,
        *,
        is_library: int = 0,
    ) -> int:
        """Record that a job exists and return its number: its index, if that is one and still free.

        Args:
            index: With which the pattern called the job.
            birth: A `Birth`: where the job waits for its beginning.
            site: Of the function that a blocking job calls.
            at_ns: Since when it exists; since now if it is not known.
            by: The job in whose step it was made, or `NOBODY`.
            is_library: 1 if neither its code nor the line that made it is the program's.
        """
        number = self._free_number(index) if self._order is None else next(self._order)
        if number >= self._next_number:  # as `max` would do it, for half
            self._next_number = number + 1
        at_ns = self.clock() if at_ns is None else at_ns
        self.write(pack_row(CREATED, number, is_library, at_ns, 0, site << DETAIL_BITS | birth, by))
        return number

    def _free_number(self, index: Any) -> int:
        numbers, me = self._numbers, object()
        # exactly `int`: to compare or hash a subclass could run code of the program
        is_free = type(index) is int and 0 <= index <= MAX_INDEX
        number: int = index if is_free else self._next_number
        # in one call into C, so that of two threads only one gets a number
        while numbers.setdefault(number, me) is not me:
            number = self._next_number
            self._next_number += 1
        return number

    def end(self, number: int, then: int, at_ns: int | None = None) -> None:
        """Record that a job ended as `Then` says, now or at a time, outside of step and worker."""
        end_ns = self.clock() if at_ns is None else at_ns
        self.append((Kind.ENDED, number, 0, 0, end_ns, then, NOBODY))

    def begin_job(self, number: int) -> None:
        """Record that a job begins where no recorded loop runs it: it waits on what is not seen."""
        try:
            now = self.clock()
            self.write(pack_row(Kind.STEP, number, now, now, now, Then.FUTURE, NOBODY))
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def end_job(self, number: int, then: int) -> None:
        """Record that a job ended where no recorded loop ran it."""
        try:
            self.end(number, then)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def lane_of_new_loop(self, loop: JobLoop) -> int:
        """Return the lane of a loop that begins to run; the first is `loop`, then `loop-2`."""
        number = next(self._loop_numbers)
        lane = lane_code(LaneKind.LOOP, number + 1 if number else 0)
        # weakly: a recorder outlives the loops of its program, which must be freed as without it
        self._loops[lane] = weakref.ref(loop)
        return lane

    @property
    def job_count(self) -> int:
        """How many jobs there have been."""
        return len(self._numbers) if self._order is None else self._next_number

    @property
    def loops(self) -> list[Any]:
        """The recording loops that have begun to run and still exist, the first one first."""
        return [loop for ref in list(self._loops.values()) if (loop := ref()) is not None]

    def is_thread_of_program(self) -> bool:
        """Return whether the calling thread is the one that made this recorder."""
        return threading.get_ident() == self._thread

    def give_up(self, error: BaseException) -> None:
        """End the recording because a part of it has failed; the program goes on without.

        What has been recorded so far stays, and `failure` says why there is no more.
        """
        if self.failure is None:
            self.failure = failure_text(error)
        self.stop()

    def stop(self) -> None:
        """Record nothing more."""
        self.write = ignore
        # each loop has the function at hand
        for loop in self.loops:
            loop.step.write = ignore

    def log(self, text: str) -> None:
        """Record that a line was printed now."""
        self.log_at(self.clock(), text)

    def log_at(self, at_ns: int, text: str) -> None:
        """Record a line that was printed at a time, for example in another process."""
        if not self._is_copy:
            self._log.append(LogLine(at_ns=at_ns, text=text))

    def lane_of_this_thread(self) -> int:
        """Return the lane of the calling thread; threads are numbered as they first appear.

        The number lives in a thread-local: a thread's identifier is given again once it has ended.
        """
        lane: int | None = getattr(self._lanes, "code", None)
        if lane is None:
            lane = self._lanes.code = self._new_lane()
        return lane

    def lane_of_process(self, pid: int) -> int:
        """Return the lane of a worker process; they are numbered as they first appear."""
        with self._threads_lock:
            lane = self._processes.get(pid)
            if lane is None:
                lane = self._processes[pid] = lane_code(LaneKind.PROCESS, len(self._processes) + 1)
                self.lane_labels[lane] = f"pid {pid}"
        return lane

    def _new_lane(self) -> int:
        if threading.current_thread() is threading.main_thread():
            return lane_code(LaneKind.MAIN, 0)
        with self._threads_lock:
            self._threads += 1
            return lane_code(LaneKind.THREAD, self._threads)

    def take(self) -> Parcel:
        """Remove and return what has gathered. One thread at a time may call it."""
        # each is one call into C; rows that are appended meanwhile stand behind `count`
        rows = self._rows
        count = len(rows) // WIDTH * WIDTH
        events = rows[:count].tobytes()
        del rows[:count]
        # not `clear`: a line may come between the two
        log = self._log[:]
        del self._log[: len(log)]
        within, dropped = self._within_cap(events)
        lines = self._lines_within_cap(log)
        return Parcel(
            events=within,
            log=lines,
            sites=self.sites.take_new(),
            dropped_events=dropped,
            dropped_lines=len(log) - len(lines),
        )

    def record_nothing(self) -> None:
        """Record nothing any more: this process is a copy, which a job has forked."""
        self.stop()
        self._is_copy = True
        # held, maybe, by a thread that the copy does not have (fork(2))
        self._threads_lock = threading.Lock()

    def _lines_within_cap(self, log: list[LogLine]) -> list[LogLine]:
        lines = log[: self._log_room]
        for number, line in enumerate(lines):
            self._characters_room -= len(line.text)
            if self._characters_room < 0:
                self._log_room = number
                break
        lines = lines[: self._log_room]
        self._log_room -= len(lines)
        return lines

    def _within_cap(self, events: bytes) -> tuple[bytes, int]:
        count = len(events) // BYTES_PER_EVENT
        if count <= self._room:
            self._room -= count
            return events, 0
        whole, self._room = self._room, 0
        cut = whole * BYTES_PER_EVENT
        # Past the cap a job is still known by its beginning and end, whatever it did between.
        rest = memoryview(events)[cut:].cast("q")
        ends = array("q", rest[:0])
        for start in range(0, len(rest), WIDTH):
            if _is_beginning_or_end(rest[start], rest[start + 5]):
                ends.extend(rest[start : start + WIDTH])
        return events[:cut] + ends.tobytes(), count - whole - len(ends) // WIDTH


def nobody(*_asked: Any) -> int:
    """Return `NOBODY`: no coroutine is a job until job marks say so."""
    return NOBODY


def ignore(row: bytes) -> None:
    """Take a row and do nothing with it."""


def _is_beginning_or_end(kind: int, detail: int) -> bool:
    if kind & KIND_MASK in (Kind.STEP, Kind.MORE):
        return detail & 0xFF >= FIRST_END
    return kind & KIND_MASK not in (Kind.TAKEN, Kind.HELD, Kind.TURN, Kind.COLLECTED)
