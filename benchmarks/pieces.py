"""What each part of recording a step takes: the profile behind the ratio on `sleep(0)`."""

import asyncio
import time
import timeit
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.report import table
from core.recording.events import NOBODY, Kind, pack_row
from core.recording.handles import YIELDED, RecordedHandle, Step, cancelling, done
from core.recording.loop import new_handle

CALLS = 50_000
REPEATS = 5
STEP = int(Kind.STEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part of recording a step, and how long it takes at best."""

    name: str
    ns: float
    also_bare: bool
    """Whether asyncio does it, too, in its own way."""


async def pieces() -> list[Piece]:
    """Return how long each part takes when a loop calls it again and again."""
    task: Any = asyncio.current_task()
    callback = task.__repr__
    states = {id(task): 1}
    rows = array("q")
    write, clock = rows.frombytes, time.perf_counter_ns
    now = clock()
    step = Step(clock, write)

    def look_up() -> object:
        return states.get(id(getattr(callback, "__self__", None)))

    def note() -> None:
        step.job = step.cause = NOBODY
        step.kind, step.ready_ns, step.waker, step.start_ns = STEP, now, NOBODY, now
        step.start_ns, step.cause = -1, NOBODY

    def record() -> None:
        write(pack_row(STEP, 857, now, now, now, YIELDED, NOBODY))

    def look_after() -> object:
        return task._fut_waiter is None and done(task)  # noqa: SLF001

    timed: Sequence[tuple[str, Callable[[], object], bool]] = (
        ("nothing: the call of a function", lambda: None, False),
        ("the clock, three times", lambda: (clock(), clock(), clock()), False),
        ("the task and the job of a callback", look_up, False),
        ("whether the task is told of a cancellation", lambda: cancelling(task), False),
        ("what runs now", note, False),
        ("what became of the task", look_after, False),
        ("the row: seven integers packed and kept", record, False),
        ("a handle", lambda: new_handle(RecordedHandle), True),
    )
    return [
        Piece(name=name, ns=_best_ns(call), also_bare=also_bare) for name, call, also_bare in timed
    ]


def _best_ns(call: Callable[[], object]) -> float:
    tries_s = timeit.repeat(call, timer=time.process_time, number=CALLS, repeat=REPEATS)
    return min(tries_s) / CALLS * 1e9


def piece_lines(found: Sequence[Piece]) -> list[str]:
    """Return the lines of a table; of each part the bare call of a function is taken off."""
    nothing, *rest = found
    cells = [
        (each.name, f"{each.ns - nothing.ns:.0f}", "yes" if each.also_bare else "") for each in rest
    ]
    return table(("of a step", "ns", "also without recording"), cells)
