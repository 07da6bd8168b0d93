"""A virtual clock: asyncio programs run without waiting, and the same way every time.

Readings of the clock are 1 ns apart, and a loop that would wait moves the clock forward instead.
"""

import asyncio
import gc
import inspect
import math
import selectors
import threading
from asyncio import unix_events
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.jobs import JobKind
from core.measuring.program import MakeLoop, Returned, carry_out
from core.measuring.wire import result_texts
from core.pattern import AtOnce, Pattern
from core.recording.events import WIDTH
from core.recording.loop import LoopRecording, RecordingLoop
from core.recording.recorder import Parcel, Recorder
from core.recording.sites import ROOT
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Integers, State, Timeline

MS = 1_000_000
DEADLOCK_S = 5.0
Ready = list[tuple[selectors.SelectorKey, int]]


class VirtualClock:
    """A clock that moves by one tick a reading, and by whatever a virtual selector adds."""

    def __init__(self, tick_ns: int = 1) -> None:
        self.now_ns = 0
        self._tick_ns = tick_ns
        self._moving = threading.Lock()

    def __call__(self) -> int:
        """Return the time in nanoseconds."""
        with self._moving:
            self.now_ns += self._tick_ns
            return self.now_ns

    def move(self, by_ns: int) -> None:
        """Let time pass."""
        with self._moving:
            self.now_ns += by_ns


class VirtualSelector(selectors.SelectSelector):
    """A selector that moves a clock forward instead of waiting for a timer."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Ready:
        """Return what is ready now; wait only where no timer would end the wait.

        Raises:
            TimeoutError: If nothing at all happens for a while: the program hangs.
        """
        ready = super().select(0)
        if timeout is not None and not ready:
            self._clock.move(math.ceil(timeout * 1e9))
        if timeout is None and not ready:
            ready = super().select(DEADLOCK_S)
            if not ready:
                raise TimeoutError("the program waits for something that never happens")
        return ready


class BareLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop on a virtual clock: what a program does when nothing records it."""

    def __init__(self, clock: VirtualClock) -> None:
        self._virtual = clock
        super().__init__(VirtualSelector(clock))

    def time(self) -> float:
        """Return the clock's time in seconds."""
        return self._virtual() / 1e9


class KeepingRecorder(Recorder):
    """A recorder that keeps the loops that have run, for a look at them after their end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.kept_loops: list[LoopRecording] = []

    def lane_of_new_loop(self, loop: Any) -> int:
        """Keep a loop that begins to run."""
        self.kept_loops.append(loop)
        return super().lane_of_new_loop(loop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A program that was run in this process, and what was recorded of it."""

    recorder: Recorder
    returned: Returned
    parcel: Parcel
    timeline: Timeline

    @property
    def loop(self) -> LoopRecording:
        """The only loop that ran."""
        assert isinstance(self.recorder, KeepingRecorder)
        (loop,) = self.recorder.kept_loops
        return loop

    @property
    def rows(self) -> Integers:
        """The recorded rows, one a line."""
        return table(self.parcel.events)


def table(events: bytes) -> Integers:
    """Return recorded bytes as a table with a row for each event."""
    return np.frombuffer(events, dtype=np.int64).reshape(-1, WIDTH)


def loop_on(clock: VirtualClock) -> MakeLoop:
    """Return what makes a recording loop on a virtual clock."""
    return lambda recorder: RecordingLoop(recorder, VirtualSelector(clock))


def pattern_of(function: Callable[..., Any], arranges: JobKind = JobKind.COROUTINE) -> Pattern:
    """Return a pattern that takes no executor, made of any function."""
    return Pattern(function=function, arranges=arranges, at_once=AtOnce.ALL)


def run_virtually(
    pattern: Pattern | Callable[..., Any],
    job: Callable[[int], Any],
    count: int,
    *,
    clock: VirtualClock | None = None,
    recorder: Recorder | None = None,
    **extras: Any,
) -> Ran:
    """Run a pattern, or a coroutine function of its shape, on a virtual clock."""
    clock = clock or VirtualClock()
    recorder = recorder or KeepingRecorder(clock=clock)
    with virtual_loops(clock):
        return run_here(
            pattern, job, count, recorder=recorder, make_loop=loop_on(clock), extras=extras
        )


@contextmanager
def no_collections() -> Iterator[None]:
    """Let no garbage be collected meanwhile.

    Nobody refers to a task that waits for an event, a condition or a barrier which is forgotten.
    A collection between a failure and the end of the loop frees it: it is lost, not cancelled.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def virtual_loops(clock: VirtualClock) -> Iterator[None]:
    """Let whatever loop asyncio makes meanwhile be one on a virtual clock; none is current."""
    events: Any = asyncio.events
    # since Python 3.14 the name without an underscore warns; 3.16 has no policies
    policy: Any = getattr(unix_events, "_DefaultEventLoopPolicy", None)
    policy = policy or asyncio.DefaultEventLoopPolicy
    before, policy._loop_factory = policy._loop_factory, lambda _: BareLoop(clock)
    current, events._event_loop_policy = events._event_loop_policy, policy()
    try:
        yield
    finally:
        policy._loop_factory = before
        events._event_loop_policy = current


def run_here(
    pattern: Pattern | Callable[..., Any],
    job: Callable[[int], Any],
    count: int,
    *,
    recorder: Recorder | None = None,
    **options: Any,
) -> Ran:
    """Run a pattern in this process and return what was recorded."""
    recorder = recorder or KeepingRecorder()
    pattern = pattern if isinstance(pattern, Pattern) else pattern_of(pattern)
    returned = carry_out(pattern, job, count, recorder=recorder, **options)
    parcel = recorder.take()
    return Ran(
        recorder=recorder,
        returned=returned,
        parcel=parcel,
        timeline=time_(recorder, returned, parcel, count),
    )


def time_(recorder: Recorder, returned: Returned, parcel: Parcel, count: int) -> Timeline:
    """Return the timeline of what a recorder took in, as the measuring parent would build it."""
    value = returned.value
    return assemble(
        RunSpec(pattern="gather", tasks=count, sleep_s=0),
        Recording(
            events=parcel.events,
            started_ns=returned.started_ns,
            returned_ns=returned.returned_ns,
            sites=tuple(parcel.sites),
            log=tuple(parcel.log),
            results=result_texts(value) if isinstance(value, list) else [],
            job_results=dict(
                zip(recorder.results, result_texts(recorder.results.values()), strict=True)
            ),
            job_errors=dict(recorder.errors),
            error=returned.error,
            dropped_events=parcel.dropped_events,
        ),
    )


def states(timeline: Timeline, job: int) -> list[State]:
    """Return the states that a job went through, in order."""
    spans = timeline.spans
    return [State(int(state)) for state in spans.state[spans.job == job]]


def site_of(function: Callable[..., Any], text: str) -> str:
    """Return `file:line` of the first line of a function that holds a text."""
    lines, first = inspect.getsourcelines(function)
    path = Path(inspect.getfile(function)).relative_to(ROOT)
    return f"{path}:{first + next(n for n, line in enumerate(lines) if text in line)}"


def whole_ms(timeline: Timeline) -> int:
    """Return a virtual run's wall time in whole milliseconds: the readings vanish in it."""
    return timeline.wall_ns // MS


def ended_ms(timeline: Timeline) -> list[int]:
    """Return when each job ended, in whole milliseconds."""
    return [int(end) // MS for end in timeline.jobs.ended_ns]
