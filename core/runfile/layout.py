"""The keys of the run file, schema 1, with the types and the ranges of their values.

A key without a default must be in every file; the others came later, or can be computed. Keys that
are not named here are passed over, so that a file of a later version can be read.
"""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct, field

RUN_SCHEMA = "loopscope/run@1"
COMPARISON_SCHEMA = "loopscope/comparison@1"

NS_PER_DAY = 24 * 3600 * 1_000_000_000
MAX_LANE_CHARACTERS = 20

Time = Annotated[int, Meta(ge=0, le=NS_PER_DAY)]
"""Nanoseconds; a day is far beyond any run, and the sum over 100,000 jobs fits 64 bits."""

EarlyTime = Annotated[int, Meta(ge=-NS_PER_DAY, le=NS_PER_DAY)]
"""Nanoseconds since the run's start, of what may have begun before it."""

Number = Annotated[int, Meta(ge=0, le=2**31)]
Cause = Annotated[int, Meta(ge=-1, le=2**31)]
Lane = Annotated[str, Meta(max_length=MAX_LANE_CHARACTERS)]
Setting = str | int | float | None

StateWord = Literal["queued", "ready", "running", "waiting", "working"]
OnWord = Literal["start", "timer", "future", "task", "executor", "job", "connection"]
CauseWord = Literal["calculation", "call", "gil", "collection", "machine"]
OutcomeWord = Literal["ok", "failed", "cancelled", "lost"]
CancellerWord = Literal["unknown", "job", "pattern", "timeout", "group", "run"]


class ErrorFields(Struct, kw_only=True):
    """An exception."""

    type: str
    message: str


class SpanFields(Struct, kw_only=True, gc=False):
    """A stretch of a job's life in one state."""

    state: StateWord
    start_ns: Time
    end_ns: Time
    lane: Lane
    where: str | None
    on: OnWord | None
    cpu_ns: Time | None


class JobFields(Struct, kw_only=True):
    """A job."""

    id: Number
    name: str = ""
    outcome: OutcomeWord
    error: ErrorFields | None
    result: str | None
    attempts: Annotated[int, Meta(ge=1, le=2**31)]
    cancelled_ns: Time | None = None
    cancelled_by: Number | None = None
    cancelled_how: CancellerWord | None = None
    created_ns: Time
    ended_ns: Time
    spans: list[SpanFields]


class LoopFields(Struct, kw_only=True):
    """What the event loop did, in three numbers."""

    busy_ns: int
    longest_step_ns: int
    worst_lateness_ns: int


class LineFields(Struct, kw_only=True):
    """A line that the program printed."""

    at_ns: EarlyTime
    text: str


class CauseFields(Struct, kw_only=True):
    """What most of long steps or spans was: the place of each, its cause, and for how many ns.

    Those that are not named were short, or their cause is not known. Spans have no `ns`.
    """

    place: list[Number]
    cause: list[CauseWord]
    ns: list[Time] | None = None


class StepFields(Struct, kw_only=True):
    """The steps of the event loops, loop by loop, as columns; `site` counts as in `span_sites`.

    `lane` names the loops, where another than the first ran steps; `causes` is of long steps.
    """

    start_ns: list[EarlyTime]
    end_ns: list[Time]
    site: list[Number]
    lane: list[Lane] | None = None
    causes: CauseFields | None = None


class RunFields(Struct, kw_only=True):
    """A run.

    Each of its `jobs` has `JobFields`. They are read one by one: the objects of all spans would
    take several times the memory of their file.
    """

    schema: Literal["loopscope/run@1"] = "loopscope/run@1"
    spec: dict[str, Setting]
    python: str
    wall_ns: Time
    ideal_ns: int
    recording_ns: Time
    startup_ns: Time = 0
    dropped_events: Annotated[int, Meta(ge=0, le=2**62)]
    dropped_lines: Annotated[int, Meta(ge=0, le=2**62)] = 0
    dropped_results: Annotated[int, Meta(ge=0, le=2**62)] = 0
    memory_before_bytes: Annotated[int, Meta(ge=0, le=2**62)] = 0
    memory_peak_bytes: Annotated[int, Meta(ge=0, le=2**62)] = 0
    finished: bool = True
    gil: bool = True
    cpu_ns: Annotated[int, Meta(ge=0, le=2**62)] = 0
    served: dict[str, Annotated[int, Meta(ge=0, le=2**62)]] = field(default_factory=dict)
    start_method: str | None = None
    lanes: dict[Lane, str] = field(default_factory=dict)
    clock_uncertainty_ns: Time = 0
    silent_ns: Time = 0
    disturbed_ns: Annotated[int, Meta(ge=0, le=2**62)] = 0
    recording_failure: str | None = None
    error: ErrorFields | None = None
    jobs: list[Raw]
    loop: LoopFields | None = None
    results: list[str]
    log: list[LineFields]
    sites: list[str] | None = None
    span_sites: list[Number] | None = None
    span_wakers: list[Cause] | None = None
    span_causes: CauseFields | None = None
    steps: StepFields | None = None


class ComparisonFields(Struct, kw_only=True):
    """Several runs."""

    schema: Literal["loopscope/comparison@1"] = "loopscope/comparison@1"
    runs: list[RunFields]


class Head(Struct):
    """What tells which kind of file it is."""

    schema: str
