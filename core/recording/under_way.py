"""What has not ended on a loop: the step that runs, and the jobs that could run if it let them.

It is read by another thread while the loop runs. Each look into the loop is one call into C, which
nothing interrupts; what has changed between two looks shows in the rows that come later.
"""

import asyncio
from collections.abc import Callable, Iterator
from types import BuiltinMethodType, MethodType
from typing import Any, NamedTuple

from .callbacks import C_STEP, runs_a_task
from .events import DETAIL_BITS, KIND_BITS, NOBODY, Kind, pack_row
from .handles import IDLE, NS_PER_S
from .loop import LoopRecording
from .recorder import JobLoop
from .task_state import is_task


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
    found = RunningStep(step.kind, step.job, step.ready_ns, start_ns, step.waker)
    return found if step.start_ns == start_ns else None


def step_row(step: RunningStep, site: int) -> bytes:
    """Return the row of a step, which has no end yet."""
    kind, job, ready_ns, start_ns, waker = step
    return pack_row(kind, job, ready_ns, start_ns, 0, site << DETAIL_BITS, waker)


def ready_rows(loop: JobLoop, lane: int, now_ns: int, most: int | None = None) -> bytes:
    """Return a row for each job that could run on a loop whose step goes on.

    They are the tasks in the ready queue, and those that wait for what a handle in it will tell
    them, or a timer that is due. A loop that has more than `most` of these is not looked through.
    """
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
