"""What has come from a measuring child so far, and what it tells at its end."""

import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

from core.jobs import RunFacts
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
            events=self.events if ended else bytes(self.events),
            sites=tuple(self.sites),
            log=tuple(self.log),
            startup_ns=self.startup_ns,
            dropped_events=self.dropped_events,
            dropped_lines=self.dropped_lines,
        )


def facts_of(told: dict[str, Any]) -> RunFacts:
    """Return the facts that a child told; JSON has made texts of the numbers of lanes."""
    lanes = {int(lane): label for lane, label in told["lane_labels"].items()}
    return RunFacts(**{**told, "lane_labels": lanes})


def closing(told: dict[str, Any], started_ns: int) -> Recording:
    """Return what a child told at its end as a recording that lacks only what was streamed."""
    error = told["error"]
    return Recording(
        **facts_of(told["facts"]).facts,
        events=b"",
        started_ns=started_ns,
        returned_ns=told["returned_ns"],
        results=told["results"],
        job_results={int(number): text for number, text in told["job_results"].items()},
        job_errors={
            int(number): JobError(kind=kind, message=message)
            for number, (kind, message) in told["job_errors"].items()
        },
        error=error and JobError(kind=error[0], message=error[1]),
        cost_per_event_ns=told["cost_per_event_ns"],
    )
