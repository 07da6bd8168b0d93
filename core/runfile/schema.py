"""The keys of the run file, schema 1, with the types and ranges of their values; and its packing.

A key without a default must be in every file; the others came later, or can be computed. Keys that
are not named here are passed over, so that a file of a later version can be read. Every text, list
and table has a bound, far beyond what a run leaves behind: more than may be asked for here, since a
file was measured already, maybe elsewhere.

The types stand once: msgspec writes and reads by them, and names the key that is wrong. What types
cannot say, the laws, is checked on whole columns after that.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import Field, fields
from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct, defstruct

from core.errors import BadFile
from core.jobs import RunFacts
from core.recording.errors import MAX_VALUES
from core.recording.recorder import MAX_LOG_CHARACTERS
from core.text.language import Text, lazy

RUN_SCHEMA = "loopscope/run@1"
COMPARISON_SCHEMA = "loopscope/comparison@1"

NS_PER_DAY = 24 * 3600 * 1_000_000_000
MAX_LANE_CHARACTERS = 20
MAX_JOBS = 2_000_000
MAX_ENTRIES = 50_000_000
"""Of a column; a file's size bounds it much earlier."""

Time = Annotated[int, Meta(ge=0, le=NS_PER_DAY)]
"""Nanoseconds; a day is far beyond any run, and the sum over 100,000 jobs fits 64 bits."""

EarlyTime = Annotated[int, Meta(ge=-NS_PER_DAY, le=NS_PER_DAY)]
"""Nanoseconds since the run's start, of what may have begun before it."""

# Indices and ids. msgspec reads integers of any size; with these bounds numpy can take all.
Number = Annotated[int, Meta(ge=0, le=2**31)]
Cause = Annotated[int, Meta(ge=-1, le=2**31)]
Lane = Annotated[str, Meta(max_length=MAX_LANE_CHARACTERS)]
Name = Annotated[str, Meta(max_length=1_000)]
Place = Annotated[str, Meta(max_length=5_000)]
Message = Annotated[str, Meta(max_length=100_000)]
"""A hundred times what is recorded of one; older files may hold longer ones than newer."""
Line = Annotated[str, Meta(max_length=MAX_LOG_CHARACTERS)]
COLUMN = Meta(max_length=MAX_ENTRIES)
Amount = Annotated[int, Meta(ge=0, le=2**62)]
Setting = Name | int | float | None

StateWord = Literal["queued", "ready", "running", "waiting", "working"]
OnWord = Literal[
    "start",
    "timer",
    "future",
    "task",
    "executor",
    "job",
    "lock",
    "semaphore",
    "event",
    "condition",
    "barrier",
    "queue",
    "stream",
    "process",
    "connection",
]
CauseWord = Literal["calculation", "call", "gil", "collection", "machine"]
OutcomeWord = Literal["ok", "failed", "cancelled", "lost"]
CancellerWord = Literal["unknown", "job", "pattern", "timeout", "group", "run"]


NOTHING, NULL = Raw(b"{}"), Raw(b"null")
MAX_TABLE_BYTES = 4_000_000
SpecTable = Annotated[dict[Name, Setting], Meta(max_length=100)]
ServedTable = Annotated[dict[Name, Amount], Meta(max_length=1_000)]
MAX_SITES = 1_000_000
ResultsList = Annotated[list[Message], Meta(max_length=MAX_JOBS)]
SitesList = Annotated[list[Place], Meta(max_length=MAX_SITES)] | None
LanesTable = Annotated[dict[Lane, Name], Meta(max_length=200_000)]


class ErrorFields(Struct, kw_only=True, omit_defaults=True):
    """An exception; `values` is what its message was made of, where a workload records it."""

    type: Name
    message: Message
    values: Annotated[dict[Name, Message | int | float], Meta(max_length=MAX_VALUES)] = {}


# It refers to no container and can be in no cycle, so CPython's collector need not track it: of a
# million spans each full collection would walk all.
class SpanFields(Struct, kw_only=True, gc=False):
    """A stretch of a job's life in one state."""

    state: StateWord
    start_ns: Time
    end_ns: Time
    lane: Lane
    where: Place | None
    on: OnWord | None
    cpu_ns: Time | None
    holder: Number | None = None


class JobFields(Struct, kw_only=True):
    """A job."""

    id: Number
    name: Name = ""  # for people; a job is identified by its `id`
    coroutine: Name | None = None
    parent: Number | None = None
    library: bool = False
    outcome: OutcomeWord
    error: ErrorFields | None
    result: Message | None
    attempts: Annotated[int, Meta(ge=1, le=2**31)]
    cancelled_ns: Time | None = None
    cancelled_by: Number | None = None
    cancelled_how: CancellerWord | None = None
    cancelled_again_ns: Time | None = None
    created_ns: Time
    ended_ns: Time
    spans: Annotated[list[SpanFields], Meta(max_length=MAX_ENTRIES)]


class LoopFields(Struct, kw_only=True):
    """What the event loop did, in three numbers."""

    busy_ns: int
    longest_step_ns: int
    worst_lateness_ns: int


class LineFields(Struct, kw_only=True):
    """A line that the program printed."""

    at_ns: EarlyTime
    text: Line


class DeadlockFields(Struct, kw_only=True):
    """Jobs that waited for one another in a circle, from a time on."""

    at_ns: Time
    jobs: Annotated[list[Number], Meta(min_length=1, max_length=MAX_ENTRIES)]


class CauseFields(Struct, kw_only=True):
    """What most of long steps or spans was: the place of each, its cause, and for how many ns.

    Those that are not named were short, or their cause is not known. Spans have no `ns`.
    """

    place: Annotated[list[Number], COLUMN]
    cause: Annotated[list[CauseWord], COLUMN]
    ns: Annotated[list[Time], COLUMN] | None = None


class StepFields(Struct, kw_only=True):
    """The steps of the event loops, loop by loop, as columns; `site` counts as in `span_sites`.

    `lane` names the loops, where another than the first ran steps; `causes` is of long steps.
    """

    start_ns: Annotated[list[EarlyTime], COLUMN]
    end_ns: Annotated[list[Time], COLUMN]
    site: Annotated[list[Number], COLUMN]
    lane: Annotated[list[Lane], COLUMN] | None = None
    causes: CauseFields | None = None


FACT_TYPES: dict[Any, Any] = {
    int: Amount,
    int | None: Amount | None,
    bool: bool,
    str: Name,
    str | None: Message | None,
    dict[str, int]: Raw,
    dict[int, str]: Raw,
}
"""Of what type a fact is in the file, by its type in `RunFacts`; tables are read later."""


class ProcessFields(Struct, kw_only=True):
    """One of the processes of a program that were recorded together."""

    family: Name
    pid: Amount
    parent_pid: Amount | None = None
    name: Name = ""
    started_ns: Amount


class ProgramFields(Struct, kw_only=True):
    """A program of somebody's own: how it was started, and its event loops."""

    command: Annotated[list[Name], Meta(min_length=1, max_length=1_000)]
    loops: Annotated[list[Name], Meta(max_length=1_000)] = []
    unrecorded_loops: Annotated[list[Name], Meta(max_length=1_000)] = []
    joined: bool = False
    whole_from_ns: Time = 0
    process: ProcessFields | None = None


class RunHead(Struct, kw_only=True):
    """What a reader of a run must see first: which schema it has, and what was asked for."""

    schema: Literal["loopscope/run@1"] = "loopscope/run@1"
    spec: Raw
    program: ProgramFields | None = None


def key_of(fact: Field[Any]) -> str:
    """Return the name of a fact in the run file."""
    return str(fact.metadata.get("key", fact.name))


def _fact_field(fact: Field[Any]) -> tuple[str, Any] | tuple[str, Any, Any]:
    kind = FACT_TYPES[fact.type]
    if fact.metadata.get("required"):
        return key_of(fact), kind
    return key_of(fact), kind, NOTHING if kind is Raw else fact.default


HeadAndFacts: Any = defstruct(
    "HeadAndFacts", map(_fact_field, fields(RunFacts)), bases=(RunHead,), kw_only=True
)


class RunFields(HeadAndFacts, kw_only=True):  # type: ignore[misc, call-arg]
    """A run: its facts, and what stands in here.

    Each of its `jobs` has `JobFields`. They are read one by one: the objects of all spans would
    take several times the memory of their file. `spec` and the facts that are tables are read once
    it is known that they are short: one of millions of keys takes seconds.
    """

    wall_ns: Time
    ideal_ns: (
        int | None
    )  # for other readers: it follows from the settings, and is computed from them here
    recording_ns: Time
    finished: bool = True
    silent_ns: Time = 0
    error: ErrorFields | None = None
    jobs: Annotated[list[Raw], Meta(max_length=MAX_JOBS)]
    loop: LoopFields | None = None  # for other readers, too: it follows from the steps
    results: Raw
    log: Annotated[list[LineFields], Meta(max_length=1_000_000)]
    sites: Raw = NULL
    span_sites: Annotated[list[Number], COLUMN] | None = None
    span_wakers: Annotated[list[Cause], COLUMN] | None = None
    span_causes: CauseFields | None = None
    deadlocks: Annotated[tuple[DeadlockFields, ...], Meta(max_length=MAX_ENTRIES)] = ()
    steps: StepFields | None = None


class ComparisonFields(Struct, kw_only=True):
    """Several runs."""

    schema: Literal["loopscope/comparison@1"] = "loopscope/comparison@1"
    runs: Annotated[list[RunFields], Meta(max_length=1_000)]


class Head(Struct):
    """The key that says which kind of file it is."""

    schema: Name


SUFFIX = ".gz"
MAGIC = b"\x1f\x8b"
PIECE_BYTES = 1 << 20
EFFORT = 6  # zlib's own default: a tenth of the size
GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""With it zlib writes the header of gzip, with no time and no name in it: the same data give the
same file."""


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return a text that is given in pieces compressed with gzip, in other pieces."""
    packer = zlib.compressobj(EFFORT, zlib.DEFLATED, GZIP_WINDOW)
    for piece in pieces:
        if done := packer.compress(piece):
            yield done
    yield packer.flush()


def unpacked(file: "io.BufferedReader[Any]", most_bytes: int) -> bytearray:
    """Return what is in a file, inflated if it is compressed with gzip.

    No more than `most_bytes` is held of it, however much a small file would inflate to.

    Raises:
        BadFile: If it is larger than that, or compressed and damaged or cut off.
        OSError: If the file cannot be read.
    """
    most = most_bytes >> 20
    # JSON cannot begin with these bytes, so the name of the file is not needed.
    if file.peek(len(MAGIC))[: len(MAGIC)] != MAGIC:
        return _bounded(file, most_bytes, lazy("it is larger than {most} MiB", most=most))
    said = lazy("it is larger than {most} MiB when it is inflated", most=most)
    with gzip.GzipFile(fileobj=file, mode="rb") as inflating:
        try:
            return _bounded(inflating, most_bytes, said)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadFile("", lazy("it is compressed, and damaged or cut off")) from error


def _bounded(file: io.BufferedIOBase, most_bytes: int, otherwise: Text) -> bytearray:
    found = bytearray()
    # One byte more than allowed is asked for, to learn that there is more.
    while piece := file.read(min(PIECE_BYTES, most_bytes + 1 - len(found))):
        found += piece
        if len(found) > most_bytes:
            raise BadFile("", otherwise)
    return found
