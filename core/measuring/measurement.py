"""One run under way, as its owner sees it: what is recorded so far, and how it ended."""

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import (
    ChildLost,
    FramesGarbled,
    LoopscopeError,
    ProcessStuck,
    ResultEvicted,
    Role,
    RunFailed,
    RunStopped,
    Stuck,
    TimeLimitReached,
)
from core.jobs import RunFacts
from core.measuring.process import ChildProcess
from core.measuring.resources import memory_is_short
from core.measuring.wire import GO, MOMENT, Tag, error_from
from core.processes import is_stopped, stopped_in_group
from core.recording.recorder import JobError, LogLine
from core.spec.ideal import time_limit_s
from core.spec.limits import LIMITS
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Timeline
from core.workloads.failures import out_of_memory, refusal, said

LINE_BYTES = 150
BYTES_PER_ROW_BYTE = 2
"""A row of 56 bytes becomes about a span of 72 and a step of 24, among objects of some size."""


@dataclass(slots=True)
class Received:
    """What has come from the child so far."""

    events: bytearray = field(default_factory=bytearray)
    rows_bytes: int = 0
    log: list[LogLine] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    dropped_events: int = 0
    dropped_lines: int = 0
    startup_ns: int = 0
    started_ns: int | None = None
    closing: Recording | None = None
    ended_ns: int | None = None
    heard_ns: int = 0
    under_way: bytes = b""
    facts: RunFacts = field(default_factory=RunFacts)

    @property
    def size_bytes(self) -> int:
        """About how much memory this and its timeline take; the rows are counted only once."""
        texts = sum(len(line.text) + LINE_BYTES for line in self.log)
        return self.rows_bytes * BYTES_PER_ROW_BYTE + texts

    def take_texts(self, body: bytes) -> None:
        """Take the body of a frame of texts."""
        texts = json.loads(body)
        self.log += [LogLine(at_ns=at_ns, text=text) for at_ns, text in texts["log"]]
        self.sites += texts["sites"]
        self.dropped_events += texts["dropped_events"]
        self.dropped_lines += texts["dropped_lines"]

    def take_now(self, body: bytes) -> None:
        """Take the body of a frame that says what is under way."""
        (self.heard_ns,) = MOMENT.unpack_from(body)
        self.under_way = body[MOMENT.size :]

    def recording(self, *, ended: bool) -> Recording | None:
        """Return what has come; the rows themselves once nothing comes any more, else a copy."""
        if self.started_ns is None:
            return None
        known = self.closing or Recording(
            events=b"",
            started_ns=self.started_ns,
            returned_ns=self.ended_ns or time.perf_counter_ns(),
            finished=False,
            heard_ns=max(self.heard_ns, self.started_ns),
            under_way=self.under_way,
            **self.facts.facts,
        )
        return replace(
            known,
            # Columns are views of the rows, and a bytearray cannot grow while there is a view of it
            # (BufferError), so a run under way gets a copy.
            events=self.events if ended else bytes(self.events),
            sites=tuple(self.sites),
            log=tuple(self.log),
            startup_ns=self.startup_ns,
            dropped_events=self.dropped_events,
            dropped_lines=self.dropped_lines,
        )


def facts_of(fields: dict[str, Any]) -> RunFacts:
    """Return the facts of a run; in JSON the numbers of lanes have become texts."""
    lanes = {int(lane): label for lane, label in fields["lane_labels"].items()}
    return RunFacts(**{**fields, "lane_labels": lanes})


def closing(facts: dict[str, Any], started_ns: int) -> Recording:
    """Return the closing facts of a run as a recording that lacks only what was streamed."""
    error = facts["error"]
    return Recording(
        **facts_of(facts["facts"]).facts,
        events=b"",
        started_ns=started_ns,
        returned_ns=facts["returned_ns"],
        results=facts["results"],
        job_results={int(number): text for number, text in facts["job_results"].items()},
        job_errors={
            int(number): error_from(fields) for number, fields in facts["job_errors"].items()
        },
        error=error and error_from(error),
        cost_per_event_ns=facts["cost_per_event_ns"],
    )


PREPARE_LIMIT_S = 40.0
DONE_LIMIT_S = 5.0
"""A child that has sent its results ends within milliseconds."""
POLL_S = 0.1
SILENCE_S = 1.0
"""A run under way speaks five times a second, unless its threads cannot."""
VIEW_REST = 4
"""Each view of a run under way is assembled from all of its rows. After one it is not asked for
another for four times as long: a run of 100,000 jobs would share its processors with its
picture."""


def run_failed(error: JobError) -> RunFailed:
    """Return why a run could not be carried out, of the error that stopped it."""
    return RunFailed(error.kind, said(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What a run under way looked like, and from when to when it was assembled."""

    timeline: Timeline
    began_s: float
    made_s: float

    @property
    def is_fresh(self) -> bool:
        """Whether it is too early for another one: making them may take a fifth of the time."""
        return time.monotonic() - self.made_s < VIEW_REST * (self.made_s - self.began_s)


class Measurement:
    """A run from its spec to its end. One thread of its own follows the child.

    Attributes:
        spec: What is measured.
        prepared: Set once the child can start at a word, or has ended.
        ended: Set once nothing of the run is alive any more.
        error: Why the run ended early, if it did; final once `ended` is set.
    """

    def __init__(self, spec: RunSpec) -> None:
        """Describe a run; `begin` starts it."""
        self.spec = spec
        self.prepared = threading.Event()
        self.ended = threading.Event()
        self.error: LoopscopeError | None = None
        self._received = Received()
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
        self._deadline_s = math.inf
        self._stuck_services: Callable[[], Sequence[Stuck]] = tuple
        self._finished: Timeline | None = None
        self._view: _View | None = None

    @property
    def started(self) -> bool:
        """Whether the pattern has begun."""
        return self.started_ns is not None

    @property
    def started_ns(self) -> int | None:
        """When the pattern began, by the clock of `time.perf_counter_ns`; None before it did."""
        return self._received.started_ns

    def begin(
        self,
        child: ChildProcess,
        addresses: dict[str, str] | None = None,
        *,
        stuck_services: Callable[[], Sequence[Stuck]] = tuple,
    ) -> None:
        """Let a child get ready for the run; from now on it belongs to this measurement.

        Args:
            child: It may be anything that was just started.
            addresses: Where the services are that the run needs, by their names.
            stuck_services: Returns which of their processes stand still; asked where the run
                takes too long.
        """
        self._stuck_services = stuck_services
        with self._lock:
            if self.error is None:
                self._child = child
                self._deadline_s = time.monotonic() + PREPARE_LIMIT_S
        if self._child is None:
            child.close()
            return
        asked = {
            "spec": self.spec.as_dict(),
            "addresses": addresses or {},
            "limit_s": time_limit_s(self.spec),
        }
        child.send(json.dumps(asked).encode())
        name = f"measuring {self.spec.pattern}"
        try:
            threading.Thread(target=self._follow, args=(child,), name=name, daemon=True).start()
        except RuntimeError as error:  # no more threads
            self.end_early(run_failed(refusal(error)))
            self._end(child)

    def go(self) -> None:
        """Start the pattern in a child that is prepared; one that is not keeps its deadline."""
        if self._child is not None and self.prepared.is_set() and not self.ended.is_set():
            # Set first: the run may be over before this thread goes on.
            self._deadline_s = time.monotonic() + time_limit_s(self.spec)
            self._child.send(GO)

    def stop(self) -> None:
        """End the run now, whatever it does; a run that has ended stays as it is."""
        self.end_early(RunStopped())

    def end_early(self, error: LoopscopeError) -> None:
        """End the run now for a reason; the first reason given stays."""
        with self._lock:
            if self._received.closing is not None or self.ended.is_set():
                return
            if self.error is None:
                self.error = error
                self._received.ended_ns = time.perf_counter_ns()
            child = self._child
        if child is None:
            self.prepared.set()
            self.ended.set()
        else:
            child.stop()

    def timeline(self) -> Timeline | None:
        """Return what is known of the run: None before it starts, the whole once it has ended."""
        if self._finished is not None:
            return self._finished
        ended = self.ended.is_set()
        if self._view is not None and self._view.is_fresh and not ended:
            return self._view.timeline
        began_s = time.monotonic()
        with self._lock:
            recording = self._received.recording(ended=ended)
        if recording is None:
            return None
        timeline = assemble(self.spec, recording)
        if ended:
            self._keep(timeline)
        else:
            self._view = _View(timeline=timeline, began_s=began_s, made_s=time.monotonic())
        return timeline

    def _keep(self, timeline: Timeline) -> None:
        """Keep the final timeline, and no longer what it was made of; unless it was evicted."""
        with self._lock:
            # Assembling takes a while, in which another session's run may have needed the room.
            if not isinstance(self.error, ResultEvicted):
                self._finished = timeline
            self._received.events = bytearray()
            self._view = None

    @property
    def size_bytes(self) -> int:
        """About how much memory the run takes: its rows, and the columns made of them."""
        return self._received.size_bytes

    @property
    def wall_ns(self) -> int | None:
        """How long the pattern took, or ran until it was ended; None if it never began."""
        received = self._received
        ended_ns = received.closing.returned_ns if received.closing else received.ended_ns
        if received.started_ns is None or ended_ns is None:
            return None
        return ended_ns - received.started_ns

    @property
    def raised(self) -> str | None:
        """The kind of the error that the pattern raised; None if it returned, or did not end."""
        closing = self._received.closing
        return closing.error.kind if closing and closing.error else None

    @property
    def failed_jobs(self) -> Counter[str]:
        """How many jobs of an ended run raised, by the kinds of their errors."""
        closing = self._received.closing
        return (
            Counter(error.kind for error in closing.job_errors.values()) if closing else Counter()
        )

    def evict(self) -> None:
        """Forget what an ended run measured, and say so: others need the room."""
        with self._lock:
            self.error = ResultEvicted()
            self._received = Received()
            self._finished = self._view = None

    def _follow(self, child: ChildProcess) -> None:
        try:
            heard_s = time.monotonic()
            # Where nothing arrives, None comes every POLL_S seconds: the deadline is looked at
            # anyway.
            for arrived in child.frames(POLL_S):
                if arrived is not None:
                    heard_s = time.monotonic()
                    self._understand(*arrived)
                elif time.monotonic() - heard_s > SILENCE_S and memory_is_short(child.pid):
                    # It would have said so, had it come to it.
                    self.end_early(run_failed(out_of_memory(LIMITS.memory_mb)))
                if time.monotonic() > self._deadline_s:
                    if self._received.closing is not None:
                        break  # it has sent all, and does not end
                    self.end_early(self._lateness(child))
            self._take_end(child)
        except FramesGarbled as error:
            self.end_early(error)
        finally:
            self._end(child)

    def _end(self, child: ChildProcess) -> None:
        child.close()
        self.prepared.set()
        self.ended.set()

    def _lateness(self, child: ChildProcess) -> LoopscopeError:
        limit_s = time_limit_s(self.spec) if self.prepared.is_set() else PREPARE_LIMIT_S
        stuck = self._stuck(child)
        return TimeLimitReached(limit_s) if stuck is None else ProcessStuck(limit_s, stuck)

    def _stuck(self, child: ChildProcess) -> Stuck | None:
        """Return a process that holds the run up; the child itself first, as it waits for all."""
        if is_stopped(child.pid):
            return Stuck(Role.CHILD, child.pid)
        workers = [Stuck(Role.POOL, pid) for pid in stopped_in_group(child.pid)]
        return next(iter([*workers, *self._stuck_services()]), None)

    def _take_end(self, child: ChildProcess) -> None:
        exit_code = child.exit_code()
        with self._lock:
            if self._received.closing is None and self.error is None:
                self.error = child.zygote_lost or ChildLost(exit_code)
                self._received.ended_ns = time.perf_counter_ns()

    def _understand(self, tag: Tag, body: bytes) -> None:
        try:
            self._take(tag, body)
        except (ValueError, TypeError, LookupError) as error:  # no JSON, or other keys and types
            raise FramesGarbled from error

    def _take(self, tag: Tag, body: bytes) -> None:
        received = self._received
        with self._lock:
            match tag:
                case Tag.EVENTS:
                    received.events += body
                    received.rows_bytes += len(body)
                case Tag.TEXTS:
                    received.take_texts(body)
                case Tag.NOW:
                    received.take_now(body)
                case Tag.FACTS:
                    received.facts = facts_of(json.loads(body))
                case Tag.PREPARED:
                    received.startup_ns = json.loads(body)["startup_ns"]
                    self._deadline_s = math.inf  # until it may go: others are not prepared yet
                    self.prepared.set()
                case Tag.STARTED:
                    received.started_ns = json.loads(body)["started_ns"]
                case Tag.DONE if self.error is None:
                    self._deadline_s = time.monotonic() + DONE_LIMIT_S
                    received.closing = closing(json.loads(body), received.started_ns or 0)
                case Tag.FAILED:
                    self.error = self.error or run_failed(error_from(json.loads(body)))
                    received.ended_ns = time.perf_counter_ns()
