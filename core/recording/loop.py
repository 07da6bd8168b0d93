"""The recording loop: an event loop that notes when each of its steps was due, began and ended.

C tasks and futures schedule themselves by calling `loop.call_soon`, so a loop class that makes its
own handles sees every wake-up, and a handle with its own `_run` sees every step. No coroutine is
touched: the program's stacks, results, cancellations and warnings stay as they are.
Source: CPython, `call_soon` in `Modules/_asynciomodule.c` and `_run_once` in
`Lib/asyncio/base_events.py`.
"""

import asyncio
import heapq
import weakref
from asyncio.events import Handle, TimerHandle
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import Context, copy_context
from selectors import BaseSelector
from typing import Any

from core.recording.events import DETAIL_BITS, NOBODY, Kind, Then, pack_row
from core.recording.handles import (
    IDLE,
    NOTHING,
    NS_PER_S,
    YIELDED,
    RecordedHandle,
    RecordedReadiness,
    RecordedTimer,
    Step,
)
from core.recording.pools import RecordedThreadPool, submit_marked
from core.recording.recorder import Recorder

MORE = int(Kind.MORE)
CANCELLED = int(Kind.CANCELLED)

new_handle = object.__new__


class Life(weakref.ref[asyncio.Task[Any]]):
    """What the loop knows of a task while it lives: which job it carries out now.

    It refers to the task weakly, or "Task was destroyed but it is pending" would not be said.
    It is one object without a constructor of its own, since each task has one: the garbage
    collector goes through all that a task has.

    Attributes:
        key: The task's `id`.
        root: The job that is the task's own coroutine, or `NOBODY`.
        job: The job that it carries out now.
        outer: The jobs that wait in this task for the end of that one, the outermost first.
        outcome: How the root job ended, once it has.
        told: Whether it has been told that it is cancelled.
    """

    __slots__ = ("job", "key", "outcome", "outer", "root", "told")

    key: int
    root: int
    job: int
    outer: tuple[int, ...]
    outcome: int
    told: bool


class RecordingLoop(asyncio.SelectorEventLoop):
    """An event loop that records its steps and otherwise behaves as its base class."""

    def __init__(self, recorder: Recorder, selector: BaseSelector | None = None) -> None:
        """Record into a recorder, whose clock becomes the loop's own.

        Args:
            recorder: Where the rows go.
            selector: As for the base class; tests pass one that moves a virtual clock.
        """
        self.clock = recorder.clock
        self.write = recorder.write
        self.lives = lives = dict[int, Life]()
        self._forget = lambda life: lives.pop(life.key, None)
        self.step = Step()
        self.root_job: Callable[[Any], int] = no_job
        self._sites = recorder.sites
        self._recorder = recorder
        self._from_executors: weakref.WeakSet[asyncio.Future[Any]] = weakref.WeakSet()
        recorder.loop = self
        recorder.loops.append(self)
        super().__init__(selector)

    @property
    def thread(self) -> int:
        """The identifier of the thread that runs the loop; 0 while none does."""
        return self._thread_id or 0

    def time(self) -> float:
        """Return the recorder's time in seconds, so that timers and rows share one clock."""
        return self.clock() / NS_PER_S

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """As the base class, with a handle that records its run."""
        if self._closed:
            self._check_closed()
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_soon")
            handle = RecordedHandle(callback, args, self, context)
            if handle._source_traceback:
                del handle._source_traceback[-1]
        else:
            # what the base class's __init__ does, without the call of it
            handle = new_handle(RecordedHandle)
            handle._callback = callback
            handle._args = args
            handle._loop = self
            handle._context = copy_context() if context is None else context
            handle._cancelled = False
            handle._repr = handle._source_traceback = None
        step, clock = self.step, self.clock
        handle.waker = step.cause
        handle.ready_ns = step.due_ns or clock()
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """As the base class; ready from now on, whatever the loop's own thread is doing."""
        self._check_closed()
        if self._debug:
            self._check_callback(callback, "call_soon_threadsafe")
        handle = RecordedHandle(callback, args, self, context)
        if handle._source_traceback:
            del handle._source_traceback[-1]
        handle.ready_ns = self.clock()
        handle.waker = NOBODY
        self._ready.append(handle)
        self._write_to_self()
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> TimerHandle:
        """As the base class, with a timer that records its run."""
        if when is None:
            message = "when cannot be None"
            raise TypeError(message)
        self._check_closed()
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
        timer = RecordedTimer(when, callback, args, self, context)
        if timer._source_traceback:
            del timer._source_traceback[-1]
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As the base class; the default pool is a recorded one, and a pattern's own is served."""
        self._check_closed()
        if executor is None and self._default_executor is None:
            self._check_default_executor()
            self._default_executor = RecordedThreadPool(
                self._recorder, thread_name_prefix="asyncio"
            )
        if type(executor) is ThreadPoolExecutor:
            handed = submit_marked(self._recorder, executor.submit, func, args)
            future = asyncio.wrap_future(handed, loop=self)
        else:
            future = super().run_in_executor(executor, func, *args)
        self._from_executors.add(future)
        return future

    def _add_callback(self, handle: Handle) -> None:
        if handle.cancelled():
            return
        readiness = RecordedReadiness(handle._callback, handle._args, self, handle._context)
        readiness.original = handle
        readiness.ready_ns = self.clock()
        readiness.waker = NOBODY
        self._ready.append(readiness)

    def adopt(self, owner: Any) -> Life | None:
        """Begin to follow a task at its first step; return None for anything else."""
        if not isinstance(owner, asyncio.Task):
            return None
        key = id(owner)
        life = Life(owner, self._forget)
        life.key = key
        life.root = life.job = self.root_job(owner.get_coro())
        life.outer = ()
        life.outcome = NOTHING
        life.told = False
        self.lives[key] = life
        return life

    def job_that_ended(self, arguments: Sequence[Any]) -> int:
        """Return the job whose end a callback is told of, `NOBODY` for any other callback."""
        first = arguments[0] if arguments else None
        life = self.lives.get(id(first)) if isinstance(first, asyncio.Task) else None
        return NOBODY if life is None else life.root

    def note_cancellation(self, handle: RecordedHandle, life: Life) -> None:
        """Record that a task is told of its cancellation, for each job that it carries out.

        What wakes it up is the cancelled future that it waited for. A task that was ready anyway
        is told when its step begins, and by whom is not known.
        """
        life.told = True
        waited_for = handle._args[0] if handle._args else None
        if waited_for is not None and waited_for.cancelled():
            at_ns, by = handle.ready_ns, handle.waker
        else:
            at_ns, by = self.step.start_ns, NOBODY
        for job in (*life.outer, life.job):
            if job != NOBODY:
                self.write(pack_row(CANCELLED, job, 0, at_ns, at_ns, NOTHING, by))

    def bury(self, task: asyncio.Task[Any], life: Life) -> int:
        """Return how the job of a task that is done ended; it is remembered while the task is."""
        if life.job == NOBODY:
            return NOTHING
        if life.outcome:
            return life.outcome
        self._recorder.unbegun.pop(life.root, None)
        return Then.CANCELLED if task.cancelled() else Then.LOST

    def wait_of(self, task: asyncio.Task[Any], waiter: Any) -> int:
        """Return where and on what a suspended task waits, as a row's detail."""
        site, on = self._sites.of_suspended(task.get_coro())
        if on == NOTHING:
            if isinstance(waiter, asyncio.Task):
                on = Then.TASK
            elif waiter in self._from_executors:
                on = Then.EXECUTOR
            else:
                on = Then.FUTURE
        return site << DETAIL_BITS | on

    def create_task(self, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> asyncio.Task[Any]:
        """As the base class; an eager task (Python 3.12+) has its first step in here."""
        is_plain = self._task_factory is None and not kwargs.get("eager_start")
        if is_plain and not (self._debug or self._closed):
            # what the base class does, without the call of it
            return asyncio.Task(coro, loop=self, **kwargs)
        step = self.step
        creator = step.job
        task = super().create_task(coro, **kwargs)
        if self._debug and task._source_traceback:
            del task._source_traceback[-1]
        try:
            if step.start_ns != IDLE and step.job != creator:
                self._cut(creator, self._after_step(task, self.lives[id(task)]))
            return task
        finally:
            del task  # or the traceback of its exception, which keeps this frame, would keep it

    def _after_step(self, task: asyncio.Task[Any], life: Life) -> int:
        if task.done():
            return self.bury(task, life)
        waiter = task._fut_waiter
        return YIELDED if waiter is None else self.wait_of(task, waiter)

    def begin_job(self, number: int) -> None:
        """Let the running step go on for a job that begins in the middle of it."""
        step = self.step
        if step.start_ns == IDLE or step.job == number:
            return
        life = self._life_of_current_task()
        if life.job != number:
            life.outer += (life.job,)
            life.job = number
        ready_ns = step.ready_ns
        self._cut(number, Then.JOB)
        step.ready_ns = ready_ns

    def end_job(self, number: int, then: int) -> None:
        """Note how a job ended; the rest of the running step is no longer its own."""
        step = self.step
        if step.start_ns == IDLE or step.job != number:
            self._recorder.end(number, then)
            return
        life = step.life
        if life is None or life.job != number:
            life = self._life_of_current_task()
        if life.root == number:
            life.outcome = then
        else:
            *outer, life.job = life.outer
            life.outer = tuple(outer)
            self._cut(life.job, then)

    def _life_of_current_task(self) -> Life:
        task = asyncio.current_task(self)
        life = self.lives.get(id(task)) or self.adopt(task)
        if life is None:
            message = "a job needs a task to run in"
            raise RuntimeError(message)
        return life

    def _cut(self, next_job: int, then: int) -> None:
        piece = self.step
        if piece.start_ns == IDLE:
            return
        now = self.clock()
        self.write(piece.row_until(now, then))
        piece.kind = MORE
        piece.job = piece.cause = next_job
        piece.ready_ns = piece.start_ns = now


RecordingLoop.__name__ = asyncio.SelectorEventLoop.__name__
"""So that what asyncio's debug mode says of the loop reads as without recording."""


def no_job(coroutine: Any) -> int:  # noqa: ARG001
    """Return `NOBODY`: no coroutine is a job until job marks say so."""
    return NOBODY
