"""Jobs in other processes: what measures a call there, and how it reports the result.

A worker of a recorded pool reports by a pipe at once: what it takes and what it has done with one
write each, so what a killed worker had begun stays known. A worker of any other pool of processes
sends what it measured back with the result; `MeasuredFuture` takes it off before the program sees
it.

How far another machine's clock is ahead is estimated by asking it what time it is.
Source: F. Cristian, "Probabilistic clock synchronization", Distributed Computing 3 (1989),
pages 146 to 158: of several round trips the shortest says most, and its half is the uncertainty.
"""

import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import (
    _ExceptionWithTraceback,
    _process_worker,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from struct import Struct
from types import FrameType, TracebackType
from typing import Any

from .errors import Value
from .events import DETAIL_BITS, DETAIL_MASK, WIDTH, Kind, Then
from .recorder import JobError
from .texts import Remnant, retained
from .transcript import LineStream, text_stream
from .work import Row, timed_work

ROW = Struct(f"={WIDTH}q")
LINE_TIME = Struct("=q")
UP, ROWS, LINE, ALL_READ = b"U", b"R", b"L", b"A"
MAX_ATOMIC_TEXT = 3_500
"""A pipe keeps writes of up to 4,096 bytes whole (POSIX, PIPE_BUF), so workers can share one."""
LEFT_OUT = "…".encode()

CALLS = "_loopscope_calls"
"""Where the error of a result that cannot be sent carries what was measured."""
_OWN_FILES = {__file__, timed_work.__code__.co_filename}


class _Reporter:
    """A worker process's end of the pipe for reports."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        self.connection = connection
        self.streams = LineStream(self.line, 1), LineStream(self.line, 2)

    def row(self, row: Row) -> None:
        self.connection.send_bytes(ROWS + ROW.pack(*row))

    def line(self, text: str) -> None:
        body = text.encode(errors="replace")
        if len(body) > MAX_ATOMIC_TEXT:  # bytes that are no letters, each replaced by three
            body = body[:MAX_ATOMIC_TEXT].decode(errors="ignore").encode() + LEFT_OUT
        self.connection.send_bytes(LINE + LINE_TIME.pack(time.perf_counter_ns()) + body)


_reporter: _Reporter | None = None


def report_to(connection: "Connection[bytes, bytes]") -> None:
    """Make this worker process report to a pipe, also what it prints."""
    global _reporter  # noqa: PLW0603 - a pool's initializer can only leave things in its module
    _reporter = _Reporter(connection)
    # for good: the process belongs to this pool
    sys.stdout, sys.stderr = map(text_stream, _reporter.streams)
    # Nobody can end a group of processes on Windows, so a worker looks after itself.
    if sys.platform == "win32":
        threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()
    connection.send_bytes(UP + str(os.getpid()).encode())


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass(slots=True, kw_only=True)
class CallLog:
    """What a worker measured of the jobs in one call, in the order in which they were called.

    Attributes:
        numbers: Of the jobs that are known to be called; they are reported at once if they can be.
        calls: Of each job that was called: which one of those sent along, and its index.
        rows: What was not reported; the job is its place in `calls`, the lane the process's id.
        errors: The errors of jobs by their places, as type, message and values.
        results: What is retained of the others' results, where it can be sent.
        lines: What was printed, with the times, where it was not reported.
        last: The last row of the only job, which waits for whether its result can be sent.
    """

    numbers: tuple[int, ...] = ()
    calls: list[tuple[int, object]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    errors: dict[int, tuple[str, str, tuple[tuple[str, Value], ...]]] = field(default_factory=dict)
    results: dict[int, object] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)
    last: Row | None = None

    def note_call(self, which: int, index: object) -> int:
        """Note that a job is called, and return its place."""
        # an index of another type might not be pickled, and names no job
        self.calls.append((which, index if type(index) is int else None))
        return len(self.calls) - 1

    def number_of(self, place: int) -> int:
        """Return the number by which the job at a place goes in rows."""
        return self.numbers[place] if self._is_reported(place) else place

    def append(self, place: int, row: Row) -> None:
        """Report a row or keep it; the end of a single job waits until its result is on its way."""
        if len(self.numbers) == 1 and row[0] == Kind.WORKED and row[5] & DETAIL_MASK == Then.OK:
            self.last = row
        elif _reporter is not None and self._is_reported(place):
            _reporter.row(row)
        else:
            self.rows.append(row)

    def _is_reported(self, place: int) -> bool:
        return _reporter is not None and place < len(self.numbers)

    def finish(self, then: Then) -> None:
        """Let the single job end as its result did on its way."""
        if self.last is None:
            return
        row, self.last = self.last, None
        row = (*row[:5], row[5] >> DETAIL_BITS << DETAIL_BITS | then, *row[6:])
        if _reporter is not None:
            _reporter.row(row)
        else:
            self.rows.append(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredJob:
    """A job as it is sent to a worker process, where each of its calls is measured."""

    job: Callable[..., Any]
    which: int
    log: CallLog

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Do the job and note how it went."""
        log = self.log
        place = log.note_call(self.which, args[0] if args else next(iter(named.values()), None))
        try:
            result = timed_work(
                partial(log.append, place),
                time.perf_counter_ns,
                os.getpid(),
                log.number_of(place),
                partial(self.job, *args, **named),
            )
        except BaseException as error:
            noted = JobError.of(error)
            log.errors[place] = noted.kind, noted.message, noted.values
            raise
        # Of a `Remnant` the type is sent: a weak reference goes nowhere.
        rest = retained(result)
        log.results[place] = f"<{rest.type_name} object>" if type(rest) is Remnant else rest
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCall:
    """A call as it is sent to a worker process, with measured jobs somewhere in it."""

    function: Callable[..., Any]
    log: CallLog

    def __call__(self, *args: Any, **named: Any) -> "Outcome":
        """Make the call; its error comes back as part of the outcome, as a pool would send it."""
        with _printing_to(self.log.lines):
            try:
                value = self.function(*args, **named)
            except BaseException as error:  # noqa: BLE001 - it is raised at the other end
                # Where a pool calls this, its own worker stands above, as in a traceback without
                # recording.
                caller = sys._getframe(1)  # noqa: SLF001
                bare: Any = _bare_traceback(error, caller)
                sent = _ExceptionWithTraceback(error, bare)
                return Outcome(value=None, error=sent, log=self.log)
        return Outcome(value=value, error=None, log=self.log)


@contextmanager
def _printing_to(lines: list[tuple[int, str]]) -> Iterator[None]:
    """Note what is printed meanwhile, where nothing reports it; end its last line."""
    if _reporter is not None:
        try:
            yield
        finally:
            for stream in _reporter.streams:
                stream.flush_rest()
        return

    def note(text: str) -> None:
        lines.append((time.perf_counter_ns(), text))

    streams = LineStream(note, 1), LineStream(note, 2)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(text_stream, streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in streams:
            stream.flush_rest()


def _bare_traceback(error: BaseException, caller: FrameType) -> TracebackType | None:
    """Return an error's traceback as a pool would have it: from its worker on, without our part."""
    entries = []
    entry = error.__traceback__
    while entry is not None:
        entries.append(entry)
        entry = entry.tb_next
    bare = None
    for each in reversed(entries):
        if each.tb_frame.f_code.co_filename not in _OWN_FILES:
            bare = TracebackType(bare, each.tb_frame, each.tb_lasti, each.tb_lineno)
    if caller.f_code is _process_worker.__code__:
        bare = TracebackType(bare, caller, caller.f_lasti, caller.f_lineno)
    return bare


class Outcome:
    """What a measured call sends back: its value or its error, and what was measured."""

    def __init__(self, *, value: Any, error: Any, log: CallLog) -> None:
        """Hold an outcome; on its way the error becomes the exception itself."""
        self.value = value
        self.error = error
        self.log = log

    def __reduce_ex__(self, protocol: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle the value alone: a failure must not take along what was measured."""
        # The pool would pickle the outcome as a whole, and an error then would lose the log.
        try:
            content = bytes(ForkingPickler.dumps((self.value, self.error)))
        except BaseException as failure:
            self.log.finish(Then.FAILED)
            setattr(failure, CALLS, self.log)
            raise
        self.log.finish(Then.OK)
        return _arrived, (content, self.log)


def _arrived(content: bytes, log: CallLog) -> Outcome:
    value, error = ForkingPickler.loads(content)
    return Outcome(value=value, error=error, log=log)


ROUND_TRIPS = 10
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIME_NAMESPACE = Path("/proc/self/ns/time")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One question for the time: sent and received by our clock, answered by theirs, in ns."""

    sent_ns: int
    theirs_ns: int
    received_ns: int

    @property
    def lasted_ns(self) -> int:
        """How long the answer took to come."""
        return self.received_ns - self.sent_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How far a clock is ahead of ours, give or take the uncertainty, in nanoseconds."""

    ahead_ns: int = 0
    uncertainty_ns: int = 0


def offset(round_trips: Iterable[RoundTrip]) -> Offset:
    """Return the offset by the shortest of some round trips."""
    best = min(round_trips, key=lambda trip: trip.lasted_ns)
    return Offset(
        ahead_ns=best.theirs_ns - (best.sent_ns + best.received_ns) // 2,
        uncertainty_ns=(best.lasted_ns + 1) // 2,
    )


def ask(ours: Callable[[], int], theirs: Callable[[], int]) -> Offset:
    """Return how far their clock is ahead of ours; each call of `theirs` is a round trip."""
    return offset(
        RoundTrip(sent_ns=ours(), theirs_ns=theirs(), received_ns=ours())
        for _ in range(ROUND_TRIPS)
    )


def clock_identity() -> str:
    """Return a text that processes have in common if, and only if, they share `perf_counter`.

    On Linux this is the machine's boot and the namespace of time, elsewhere the machine's name.
    """
    try:
        return f"{BOOT_ID.read_text(encoding='utf-8').strip()} {TIME_NAMESPACE.readlink()}"
    except OSError:
        return platform.node()
