"""The event layout: seven 64-bit integers a row, in the order in which things were noticed.

| column | meaning |
|---|---|
| kind | one of `Kind`; STEP, MORE, HELD, READY, TURN: above `KIND_BITS` the lane of the loop |
| job | the job's number, or `NOBODY` |
| ready_ns | STEP, MORE, READY: when it could have begun; WORKED: CPU time used; CREATED: below |
| start_ns | when it began |
| end_ns | when it ended |
| detail | `place << DETAIL_BITS | what`, as below |
| waker | STEP, MORE, READY, CANCELLED: the job whose step or end was the cause; CREATED: as below |

In a row of CANCELLED, `ready_ns` is 1 if the job was under no other cancellation then. In one of
CREATED, `ready_ns` is 1 if neither the job's code nor the line that made it is the program's, and
`waker` the job in whose step it was made. Where there is no such job, a waker is `NOBODY`.

In `detail`, `place` is the site of a job's function (CREATED), of its wait (STEP, MORE), of the
line that ran (HELD), or the lane of its worker (TAKEN, WORKED); `what` is a `Birth` (CREATED), a
`Canceller` (CANCELLED) or a `Then` (all others).

Work in which a job waits for a connection, or does another job, comes in several rows: one of
WORKED, whose `what` is `CONNECTION` or `JOB`, up to each wait, then TAKEN by the same worker, then
WORKED from there on.
Times are readings of the recorder's clock in nanoseconds.

A snapshot is rows of its own, replaced by the next one: the steps under way, which are STEP or MORE
with an end_ns of 0 and the site where they were last seen, the jobs that are READY, and the TURN.
"""

import struct
from enum import IntEnum
from typing import Any

COLUMNS = ("kind", "job", "ready_ns", "start_ns", "end_ns", "detail", "waker")
WIDTH = len(COLUMNS)
BYTES_PER_INTEGER = 8
BYTES_PER_EVENT = WIDTH * BYTES_PER_INTEGER
_C_LONG = "l" if struct.calcsize("l") == BYTES_PER_INTEGER else "q"
pack_row = struct.Struct(f"3{_C_LONG}{_C_LONG.upper()}3{_C_LONG}").pack
"""Returns the bytes of a row: a third of what an array takes to extend itself by a tuple.

Where C's `long` has 64 bits, it is read faster than `long long`, byte by byte in CPython 3.11. A
row that never began is refused: somebody has run a loop's steps in a way that nobody foresaw, and
a recording that ends there is better than one that cannot be read.
"""

NOBODY = -1
"""No job: the pattern, or nothing at all."""
UNKNOWN = -2
"""Who did something is not known; in memory only, no row has it."""
# A byte is enough for what a row says; 55 bits of the integer are left for a site or a lane.
DETAIL_BITS = 8
DETAIL_MASK = (1 << DETAIL_BITS) - 1
KIND_BITS = 8
KIND_MASK = (1 << KIND_BITS) - 1


class Kind(IntEnum):
    """What a row says."""

    CREATED = 1
    """A job exists since start_ns."""
    STEP = 2
    """A handle of the loop ran, on behalf of a job or of nobody."""
    MORE = 3
    """The same step of the loop went on for another job."""
    TAKEN = 4
    """A worker took the job at start_ns."""
    WORKED = 5
    """A worker worked on the job from start_ns to end_ns, or until it waited for something."""
    ENDED = 6
    """A job ended at end_ns outside of any step or worker; detail is how."""
    HELD = 7
    """At start_ns a step had held the loop for long, at the site that detail names; ready_ns is 1
    if its thread waited in a call then, and not for the GIL or another lock."""
    CANCELLED = 8
    """At start_ns a job was cancelled, because of the job `waker`."""
    READY = 9
    """A suspended job could go on since ready_ns, but its loop was busy. In snapshots only."""
    UNCANCELLED = 10
    """At start_ns a job took back (`uncancel`) all cancellations of it."""
    TURN = 11
    """From start_ns, when a turn of the loop began, up to end_ns its thread ran for `ready_ns` and
    was runnable without a processor for `detail`; other threads ran for `waker`, and were runnable
    without a processor for `job`. All in nanoseconds, for turns that took long."""
    COLLECTED = 12
    """A garbage collection from start_ns to end_ns; detail is 1 if in the thread of a loop."""
    WORKER_LOST = 13
    """At start_ns, which is end_ns, the worker that had taken a job was known to be lost: the job
    is queued again. `place` is the worker's lane."""
    HOLDER = 14
    """What a job waits for is held by the job `waker`. `what` is 0 if the wait begins at the end of
    the piece of a step that began at start_ns; 1 if it was going on at start_ns; 2 as 1, where the
    holder waits in turn, and so on, in a circle that has closed then."""


class Birth(IntEnum):
    """Where a job waits for its beginning."""

    COROUTINE = 0
    POOL = 1
    CALL = 2


class Then(IntEnum):
    """What became of a job at the end of a step or of its work."""

    # The order counts: see `CONNECTION`; and from `FIRST_END` on the job has ended.
    NOTHING = 0
    YIELDED = 1
    TIMER = 2
    FUTURE = 3
    TASK = 4
    EXECUTOR = 5
    JOB = 6
    LOCK = 7
    SEMAPHORE = 8
    EVENT = 9
    CONDITION = 10
    BARRIER = 11
    QUEUE = 12
    STREAM = 13
    PROCESS = 14
    CONNECTION = 15
    """Of waits inside of one another the larger number is recorded: a pool of connections may wait
    on a queue, a process on its streams, a queue on an event."""
    OK = 16
    FAILED = 17
    CANCELLED = 18
    LOST = 19


FIRST_END = Then.OK


class Canceller(IntEnum):
    """Who cancelled a job."""

    UNKNOWN = 0
    """Nobody known: a callback from another thread, say."""
    JOB = 1
    """The job `waker`, by its own step or by its failure; it may be the job itself."""
    PATTERN = 2
    """Code of the program that is no job's."""
    TIMEOUT = 3
    """A timer that the job `waker` had set, or the pattern where that is `NOBODY`."""
    GROUP = 4
    """A task group of the job `waker`, of which another task had failed."""
    RUN = 5
    """`asyncio.run`, which cancels at its end what is left over."""


class LaneKind(IntEnum):
    """Where a job holds a worker."""

    LOOP = 0
    MAIN = 1
    THREAD = 2
    PROCESS = 3
    DASK = 4


# The kind is the remainder, so that columns of lanes can be asked for it at once (`is_loop`). The
# first loop is 0, and the only lane without a number; `main` is 1.
LANE_KINDS = len(LaneKind)


def lane_code(kind: LaneKind, number: int) -> int:
    """Return the integer that stands for the `number`-th worker of a kind, counted from 1."""
    return number * LANE_KINDS + kind


def is_loop(code: Any) -> Any:
    """Return whether a lane, or each of a column of them, is that of an event loop."""
    return code % LANE_KINDS == LaneKind.LOOP


def lane_name(code: int) -> str:
    """Return a lane's name in the run file: `loop`, `loop-2`, `main`, `thread-1`, `dask-2`, ..."""
    number, kind = divmod(code, LANE_KINDS)
    name = LaneKind(kind).name.lower()
    return f"{name}-{number}" if number else name
