"""The watch: looks from another thread at what holds the event loops, and at what has not ended.

Each look into a loop is one call into C, which nothing interrupts; what has changed between two
looks shows in the rows that come later.

The step itself pays nothing, and one that blocks in C is seen as well as one that calculates. The
thread looks every 10 ms, so a step between 10 and 20 ms may be missed; it then has no line.

What has not ended is shown in snapshots, each of which replaces the one before, and not in rows: a
row is written when a step ends, rows add up, and past the cap they are left out.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from operator import call
from types import BuiltinMethodType, FrameType, MethodType
from typing import Any, NamedTuple, cast

from .events import DETAIL_BITS, KIND_BITS, NOBODY, Kind, pack_row
from .handles import IDLE, NS_PER_S
from .loop import LoopRecording
from .recorder import JobLoop, Recorder
from .sites import NO_SITE
from .tasks import C_STEP, is_task, runs_a_task
from .trio_tasks import TrioRun


class RunningStep(NamedTuple):
    """The piece of a step that a loop runs, or the timer's callback."""

    kind: int
    job: int
    ready_ns: int
    start_ns: int
    waker: int


class Cause(NamedTuple):
    """Why a job could run: since when, and by whose doing."""

    ready_ns: int
    waker: int


def running_step(loop: JobLoop) -> RunningStep | None:
    """Return what a loop runs now; None while it runs nothing, or goes over to the next piece."""
    step = loop.step
    start_ns = step.start_ns
    if start_ns == IDLE:
        return None
    # The loop may go on between any two of these. What was read is of one piece if its start is
    # still the same, which a handle sets after all else.
    found = RunningStep(step.kind, step.job, step.ready_ns, start_ns, step.waker)
    return found if step.start_ns == start_ns else None


def step_row(step: RunningStep, site: int) -> bytes:
    """Return the row of a step, which has no end yet."""
    kind, job, ready_ns, start_ns, waker = step
    return pack_row(kind, job, ready_ns, start_ns, 0, site << DETAIL_BITS, waker)


def ready_rows(loop: JobLoop, lane: int, now_ns: int, most: int | None = None) -> bytes:
    """Return a row for each job that could run on a loop whose step goes on.

    They are the tasks in the ready queue, and those that wait for the future of a handle
    in it, or of a timer that is due. A loop that has more than `most` of these is not examined.
    """
    if isinstance(loop, TrioRun):
        return loop.ready_rows(most)
    if not isinstance(loop, LoopRecording):
        return b""
    if most is not None and len(loop._ready) + len(loop._scheduled) > most:
        return b""
    causes: dict[int, Cause] = {}
    for handle, cause in _due(loop, now_ns):
        # A handle that has run or was cancelled meanwhile has neither callback nor arguments.
        for task in _tasks_woken_by(handle._callback, handle._args):
            causes.setdefault(_job_of(loop, task), cause)
    causes.pop(NOBODY, None)
    kind = lane << KIND_BITS | Kind.READY
    return b"".join(
        pack_row(kind, job, ready_ns, 0, 0, 0, waker) for job, (ready_ns, waker) in causes.items()
    )


def _due(loop: LoopRecording, now_ns: int) -> Iterator[tuple[asyncio.Handle, Cause]]:
    for handle in list(loop._ready):
        ready_ns = getattr(handle, "ready_ns", None)
        if ready_ns is not None:
            yield handle, Cause(ready_ns, handle.waker)
        elif isinstance(handle, asyncio.TimerHandle):
            yield handle, Cause(_due_ns(handle), NOBODY)
    heap = list(loop._scheduled)
    places = [0]
    while places:
        place = places.pop()
        # a heap: nothing below a timer is due before it
        if place < len(heap) and (due_ns := _due_ns(heap[place])) <= now_ns:
            yield heap[place], Cause(due_ns, NOBODY)
            places += (2 * place + 1, 2 * place + 2)


def _due_ns(timer: asyncio.TimerHandle) -> int:
    return int(timer.when() * NS_PER_S + 0.5)


def _tasks_woken_by(
    callback: Callable[..., Any] | None, arguments: Any
) -> Iterator["asyncio.Task[Any]"]:
    task = _task_of(callback)
    if task is not None:
        yield task
    elif arguments and isinstance(arguments[0], asyncio.Future):
        for waiting, _ in arguments[0]._callbacks or ():
            task = _task_of(waiting)
            if task is not None:
                yield task


def _task_of(callback: object) -> "asyncio.Task[Any] | None":
    """Return the task that a callback carries on; a program's own callables are not asked."""
    kind = type(callback)
    if kind is C_STEP or (kind in (BuiltinMethodType, MethodType) and runs_a_task(callback)):
        owner = callback.__self__
        return owner if is_task(owner) else None
    return None


def _job_of(loop: LoopRecording, task: "asyncio.Task[Any]") -> int:
    state = loop.state_of(task)
    return loop.recorder.root_job(task.get_coro()) if state is None else state.job


LOOK_AFTER_NS = 8_000_000
"""A little less than what is drawn as blocking, so that a step just above it is seen, too."""
REST = 20
"""How many times as long passes after a gathering of who could run, until the next one.

The watch has the GIL meanwhile, and ten thousand jobs take it some ten milliseconds. The same goes
for the clocks of many threads.
"""


class StepWatch:
    """Notes the line at which a step holds a loop, and what is under way, when it is called.

    The step itself is not touched: its thread's stack is read while this thread has the GIL.
    Source: `sys._current_frames`, as sampling profilers written in Python use it.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._ready: dict[int, tuple[int, bytes]] = {}
        self._rest_until_ns = self._clocks_rest_until_ns = 0

    def look(self) -> None:
        """Record where the running step of each loop is, if it has held the loop for long."""
        recorder = self._recorder
        for loop in recorder.loops:
            step, now_ns = running_step(loop), recorder.clock()
            if step is None or now_ns - step.start_ns < LOOK_AFTER_NS:
                continue
            site = recorder.sites.of_running(frame_of(loop.thread))
            # The stack was that of this step only if the step still runs.
            now = running_step(loop)
            if site and now is not None and now.start_ns == step.start_ns:
                kind = loop.lane << KIND_BITS | Kind.HELD
                in_call = loop.turns is not None and loop.turns.waits_in_call()
                detail = site << DETAIL_BITS
                recorder.append((kind, step.job, int(in_call), now_ns, now_ns, detail, NOBODY))
                self._look_at_clocks(loop, now_ns)

    def _look_at_clocks(self, loop: JobLoop, now_ns: int) -> None:
        if loop.turns is not None and now_ns >= self._clocks_rest_until_ns:
            loop.turns.record()
            took_ns = self._recorder.clock() - now_ns
            self._clocks_rest_until_ns = now_ns + REST * took_ns

    def read_delays(self) -> None:
        """Read how long each thread has waited for a processor by now, for turns that begin."""
        clocks = self._recorder.thread_clocks
        if clocks is not None:
            clocks.read_delays()

    def snapshot(self, *, last: bool = False, most: int | None = None) -> bytes:
        """Return rows of the steps under way, and of the jobs that long ones keep from running.

        Args:
            last: Whether the process ends now: who could run is gathered, whatever it takes.
            most: The limit of callbacks and timers; of a loop with more, nobody is ready.
        """
        loops = self._recorder.loops
        return b"".join(self._under_way(loop, last=last, most=most) for loop in loops)

    def _under_way(self, loop: JobLoop, *, last: bool, most: int | None) -> bytes:
        recorder, lane = self._recorder, loop.lane
        step, now_ns = running_step(loop), recorder.clock()
        if step is None:
            self._ready.pop(lane, None)
            return b""
        lasts_long = now_ns - step.start_ns >= LOOK_AFTER_NS
        site = recorder.sites.of_running(frame_of(loop.thread)) if last else NO_SITE
        rows = step_row(step, site)
        if loop.turns is not None and last:
            rows += loop.turns.row()
        if last or (lasts_long and now_ns >= self._rest_until_ns):
            self._ready[lane] = step.start_ns, ready_rows(loop, lane, now_ns, most)
            took_ns = recorder.clock() - now_ns
            self._rest_until_ns = now_ns + REST * took_ns
        of_step, ready = self._ready.get(lane, (0, b""))
        return rows + ready if of_step == step.start_ns else rows


def frame_of(thread: int) -> FrameType | None:
    """Return what a thread is doing now; None if there is no such thread.

    `sys._current_frames` holds a lock that starting a thread takes, and freeing a
    `threading.local`. Before Python 3.12 a garbage collection may begin in it, and then wait for
    that lock for ever; so there is none until the frames are there. No other thread comes in
    between: `map` calls all three from C.
    Source: https://github.com/python/cpython/issues/106883.
    """
    if sys.version_info >= (3, 12) or not gc.isenabled():
        return sys._current_frames().get(thread)
    calls: tuple[Callable[[], Any], ...] = (gc.disable, sys._current_frames, gc.enable)
    _, frames, _ = map(call, calls)
    return cast("FrameType | None", frames.get(thread))
