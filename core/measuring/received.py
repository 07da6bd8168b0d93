"""What has come from a measuring child so far, and what it tells at its end."""

import json
import time
from dataclasses import dataclass, field, replace

from core.measuring.wire import MOMENT
from core.recording.recorder import JobError, LogLine
from core.timeline.assemble import Recording

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
    dropped: int = 0
    dropped_lines: int = 0
    startup_ns: int = 0
    started_ns: int | None = None
    closing: Recording | None = None
    ended_ns: int | None = None
    heard_ns: int = 0
    under_way: bytes = b""
    disturbed_ns: int = 0

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
        self.dropped += texts["dropped"]
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
            disturbed_ns=self.disturbed_ns,
        )
        return replace(
            known,
            events=self.events if ended else bytes(self.events),
            sites=tuple(self.sites),
            log=tuple(self.log),
            startup_ns=self.startup_ns,
            dropped=self.dropped,
            dropped_lines=self.dropped_lines,
        )


def closing(facts: dict[str, object], started_ns: int) -> Recording:
    """Return the closing facts as a recording that lacks only what was streamed."""
    values = _ClosingFacts(**facts)  # type: ignore[arg-type]
    return Recording(
        events=b"",
        started_ns=started_ns,
        returned_ns=values.returned_ns,
        results=values.results,
        job_results={int(number): text for number, text in values.job_results.items()},
        job_errors={
            int(number): JobError(kind=kind, message=message)
            for number, (kind, message) in values.job_errors.items()
        },
        error=values.error and JobError(kind=values.error[0], message=values.error[1]),
        python=values.python,
        has_gil=values.has_gil,
        cpu_ns=values.cpu_ns,
        disturbed_ns=values.disturbed_ns,
        recording_failure=values.recording_failure,
        served=values.served,
        start_method=values.start_method,
        lane_labels={int(lane): label for lane, label in values.lane_labels.items()},
        clock_uncertainty_ns=values.clock_uncertainty_ns,
        dropped_results=values.dropped_results,
        memory_before_bytes=values.memory_before_bytes,
        memory_peak_bytes=values.memory_peak_bytes,
        cost_per_event_ns=values.cost_per_event_ns,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClosingFacts:
    """The body of the child's last frame."""

    returned_ns: int
    error: tuple[str, str] | None
    results: list[str]
    job_results: dict[str, str]
    job_errors: dict[str, tuple[str, str]]
    cost_per_event_ns: float
    python: str
    has_gil: bool
    cpu_ns: int
    disturbed_ns: int
    recording_failure: str | None
    served: dict[str, int]
    start_method: str | None
    lane_labels: dict[str, str]
    clock_uncertainty_ns: int
    dropped_results: int
    memory_before_bytes: int
    memory_peak_bytes: int
