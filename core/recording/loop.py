"""The recording loop: an event loop that notes when each of its steps was due, began and ended.

C tasks and futures schedule themselves by calling `loop.call_soon`, so a loop class that makes its
own handles sees every wake-up, and a handle with its own `_run` sees every step. No coroutine is
touched: the program's stacks, results, cancellations and warnings stay as they are.
Source: CPython, `call_soon` in `Modules/_asynciomodule.c` and `_run_once` in
`Lib/asyncio/base_events.py`.

Nothing in here may raise into the program or block its loop: what fails ends the recording.
"""

import asyncio
import heapq
import sys
import weakref
from asyncio import tasks
from asyncio.events import Handle, TimerHandle
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor
from contextvars import Context, copy_context
from selectors import BaseSelector
from typing import Any, cast

from core.recording.cancelling import RecordedTask, canceller
from core.recording.eager import EagerStart
from core.recording.events import DETAIL_BITS, NOBODY, UNKNOWN, Canceller, Kind, Then, pack_row
from core.recording.handles import (
    IDLE,
    NOTHING,
    NS_PER_S,
    YIELDED,
    RecordedHandle,
    RecordedReadiness,
    RecordedTimer,
    Step,
    ThreadSafeRecordedHandle,
    TrackedTimer,
    runs_a_task,
)
from core.recording.recorder import Recorder, ignore
from core.recording.task_state import CTask, PyTaskState, TaskState, is_task, new_state
from core.recording.turns import Turns, watched_turns

CANCELLED = int(Kind.CANCELLED)
UNCANCELLED = int(Kind.UNCANCELLED)
FUTURE = int(Then.FUTURE)
TASK_OPTIONS = {"name", "context"} | ({"eager_start"} if sys.version_info >= (3, 14) else set())
"""What `create_task` of asyncio's own loop takes beside the coroutine."""

THREAD_SAFE_FRAMES = 1 if ThreadSafeRecordedHandle is RecordedHandle else 2
"""How many frames of ours are on the stack where a thread-safe handle notes who made it."""

new_handle = object.__new__


class LoopRecording(asyncio.BaseEventLoop):
    """What a recording loop has on top of any loop of asyncio; it comes first among the bases.

    A live loop begins to record when its class is replaced: see `core.recording.attach`.
    """

    def record_into(self, recorder: Recorder) -> None:
        """Record into a recorder from now on."""
        self.recorder = recorder
        self.step = step = Step(recorder.clock, recorder.write)
        states = step.task_states
        self._python_task_states = of_python = dict[int, TaskState]()
        self._forget = lambda state: states.pop(state.key, None)
        self._forget_of_python = lambda state: of_python.pop(state.key, None)
        self.lane = 0
        self.turns: Turns | None = None
        self._has_lane = False
        self._creating: Any = None
        self._sites = recorder.sites
        self._from_executors: weakref.WeakSet[asyncio.Future[Any]] = weakref.WeakSet()

    def take_over(self, ahead_s: float) -> None:
        """Record the timers and callbacks that were scheduled before, too.

        `ahead_s` is how far the loop's clock is ahead of the one by which it was set until now.
        """
        for timer in cast("list[Any]", self._scheduled):
            timer._when += ahead_s
            if type(timer) is TimerHandle:
                timer.__class__ = TrackedTimer
        scheduled = list(self._ready)
        self._ready.clear()
        for handle in scheduled:
            self._add_callback(handle)

    def begin_turn(self) -> None:
        """Take a lane of its own: the loop runs from now on."""
        if self._has_lane:
            return
        self._has_lane = True
        try:
            self.lane = self.recorder.lane_of_new_loop(self)
            self.step.on_lane(self.lane)
            self.turns = watched_turns(self, self.recorder)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def run_forever(self) -> None:
        """As the base class."""
        self.begin_turn()
        super().run_forever()

    def give_up(self, error: BaseException) -> None:
        """End the recording because of an error of its own; the program goes on."""
        self.step.write = ignore
        self.recorder.give_up(error)

    @property
    def thread(self) -> int:
        """The identifier of the thread that runs the loop; 0 while none does."""
        return self._thread_id or 0

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
            handle._loop = self  # type: ignore[assignment]
            handle._context = copy_context() if context is None else context
            handle._cancelled = False
            handle._repr = handle._source_traceback = None
        step = self.step
        clock = step.clock
        handle.waker = step.cause
        try:
            handle.ready_ns = step.due_ns or clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            handle.ready_ns = 0
            self.give_up(error)
        self._ready.append(handle)
        return handle

    def now_or_zero(self) -> int:
        """Return the recorder's time; 0 if its clock fails, which ends the recording."""
        try:
            return self.step.clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)
            return 0

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """As the base class; ready from now on, whatever the loop's own thread is doing."""
        self._check_closed()
        if self._debug:
            self._check_callback(callback, "call_soon_threadsafe")
        handle: Any = ThreadSafeRecordedHandle(callback, args, self, context)
        if handle._source_traceback:
            del handle._source_traceback[-THREAD_SAFE_FRAMES:]
        handle.ready_ns, handle.waker = self.now_or_zero(), NOBODY
        try:
            handle.waker = self._caller(callback)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)
        self._ready.append(handle)
        self._write_to_self()
        return cast("Handle", handle)

    def _caller(self, callback: Callable[..., object]) -> int:
        """Return the job that runs in the calling thread, on this loop or another one."""
        if getattr(callback, "__module__", None) == "asyncio.futures":
            # a future of another thread that is done already is told of by whoever asks for it
            return NOBODY
        running: Any = asyncio._get_running_loop()
        if getattr(running, "recorder", None) is self.recorder:
            return int(running.step.cause)
        return NOBODY

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
        timer.set_by = self.step.cause
        if timer.set_by == NOBODY:
            timer.set_by = self._setter_of_timer()
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def _setter_of_timer(self) -> int:
        """Return who sets a timer where no job does: the pattern, or nobody who is known."""
        step = self.step
        if step.timer_of is not None:
            return step.timer_of
        if step.start_ns != IDLE and step.task is None and step.told is None:
            return UNKNOWN
        return NOBODY

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As the base class; whoever awaits the future waits for an executor."""
        future = super().run_in_executor(executor, func, *args)
        self._from_executors.add(future)
        return future

    def _add_callback(self, handle: Handle) -> None:
        if handle.cancelled():
            return
        readiness = RecordedReadiness(handle._callback, handle._args, self, handle._context)
        readiness.original = handle
        readiness.ready_ns = self.now_or_zero()
        readiness.waker = NOBODY
        self._ready.append(readiness)

    def track_owner(self, callback: Any, owner: Any, waker: int) -> TaskState | None:
        """Begin to track the task that a callback runs; return None for any other callback."""
        if not is_task(owner) or not runs_a_task(callback):
            return None
        return self.track(owner, waker)

    def track(self, task: Any, created_by: int = NOBODY) -> TaskState:
        """Return what is known of a task, from now on until it goes."""
        states = self.step.task_states
        state = states.get(id(task))
        if state is None:
            root = self.recorder.root_job(task.get_coro())
            if isinstance(task, CTask):
                state = new_state(TaskState(task, self._forget), id(task), root, created_by)
                states[id(task)] = state
            else:
                state = self._track_python(task, root, created_by)
        return state

    def _track_python(self, task: Any, root: int, created_by: int) -> TaskState:
        states = self._python_task_states
        state = states.get(id(task))
        if state is None:
            state = PyTaskState(task, self._forget_of_python)
            states[id(task)] = new_state(state, id(task), root, created_by)
        return state

    def state_of(self, task: Any) -> TaskState | None:
        """Return what is known of a task; None if it is not tracked."""
        key = id(task)
        return self.step.task_states.get(key) or self._python_task_states.get(key)

    def cause_of(self, handle: RecordedHandle, arguments: Sequence[Any]) -> int:
        """Return the job to which is due what a callback does.

        The one whose task has ended, if the callback is told of that; else the one that scheduled
        the callback, or `NOBODY`.
        """
        self.step.told = None
        first = arguments[0] if arguments else None
        if is_task(first):
            told = self.step.told = self.state_of(first)
            if told is not None and told.cause != NOBODY:
                return told.cause
        return handle.waker

    def note_cancellation(self, task: Any, at_ns: int, *, is_first: bool) -> None:
        """Record that a task was cancelled at a time, for each job that it carries out."""
        try:
            state = self.track(task)
            state.told = True
            jobs = state.jobs
            if not jobs:
                return
            running: Any = asyncio._get_running_loop()
            is_recorded = isinstance(running, LoopRecording) and running.recorder is self.recorder
            how, by = canceller(
                running if is_recorded else None,
                in_program=running is None and self.recorder.is_thread_of_program(),
            )
            self._write_cancellation(jobs, at_ns, how, by, is_first=is_first)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def note_unseen_cancellation(self, handle: RecordedHandle, state: TaskState) -> None:
        """Record that a task whose `cancel` was not seen turns out to be cancelled.

        What wakes it up is the cancelled future that it waited for. A task that was ready anyway
        is told when its step begins, and by whom is not known.
        """
        state.told = True
        waited_for = handle._args[0] if handle._args else None
        if waited_for is not None and waited_for.cancelled():
            at_ns, by = handle.ready_ns, handle.waker
        else:
            at_ns, by = self.step.start_ns, NOBODY
        how = Canceller.UNKNOWN if by == NOBODY else Canceller.JOB
        self._write_cancellation(state.jobs, at_ns, how, by, is_first=True)

    def _write_cancellation(
        self, jobs: Sequence[int], at_ns: int, how: Canceller, by: int, *, is_first: bool
    ) -> None:
        for job in jobs:
            self.step.write(pack_row(CANCELLED, job, int(is_first), at_ns, at_ns, how, by))

    def note_uncancellation(self, task: Any) -> None:
        """Record that a task has taken back every cancellation that it was told of."""
        try:
            state = self.state_of(task)
            if state is None or not state.told:
                return
            state.told = False
            now = self.step.clock()
            for job in state.jobs:
                self.step.write(pack_row(UNCANCELLED, job, 0, now, now, NOTHING, NOBODY))
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def final_outcome(self, task: asyncio.Task[Any], state: TaskState) -> int:
        """Return how the job of a task that is done ended; it is remembered while the task is."""
        if state.job == NOBODY:
            return NOTHING
        if state.outcome:
            return state.outcome
        self.recorder.unbegun.pop(state.root, None)
        return Then.CANCELLED if task.cancelled() else Then.LOST

    def wait_of(self, task: asyncio.Task[Any], waiter: Any) -> int:
        """Return where and on what a suspended task waits, as a row's detail."""
        site, on = self._sites.of_suspended(task.get_coro())
        if on == NOTHING:
            if isinstance(waiter, CTask) or is_task(waiter):
                on = Then.TASK
            elif waiter in self._from_executors:
                on = Then.EXECUTOR
            else:
                on = Then.FUTURE
        return site << DETAIL_BITS | on

    def create_task(self, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        """As the base class; an eager task (Python 3.12+) has its first step in here."""
        if (
            self._task_factory is None
            and not (self._debug or self._closed)
            and tasks.Task is CTask
            and (not kwargs or (kwargs.keys() <= TASK_OPTIONS and not kwargs.get("eager_start")))
        ):
            # what the base class does, without the call of it
            return RecordedTask(coro, loop=self, **kwargs)
        step, before = self.step, self._creating
        creator, self._creating = step.job, coro
        task: Any = None
        try:
            task = self._create_slowly(coro, kwargs)
            if step.eager is not None:
                self.settle_eager(self.now_or_zero())
            if step.start_ns != IDLE and step.job != creator:
                self._cut(creator, self.after_step(task, self.track(task)))
            return task
        finally:
            self._creating = before
            del task, coro  # or the traceback of its exception, which keeps this frame, would

    def _create_slowly(self, coro: Coroutine[Any, Any, Any], options: dict[str, Any]) -> Any:
        """Create a task where debug mode, a factory, a closed loop or an option has its say."""
        if self._task_factory is None and tasks.Task is CTask and options.keys() <= TASK_OPTIONS:
            self._check_closed()
            task: Any = RecordedTask(coro, loop=self, **options)
        else:
            task = super().create_task(coro, **options)
        if self._debug and task._source_traceback:
            del task._source_traceback[-2:]  # this function, and the one above
        try:
            return task
        finally:
            del task, coro

    def after_step(self, task: Any, state: TaskState) -> int:
        """Return what has become of a task at the end of its step, as a row's detail."""
        if task.done():
            return self.final_outcome(task, state)
        waiter = task._fut_waiter
        return YIELDED if waiter is None else self.wait_of(task, waiter)

    def begin_job(self, number: int) -> None:
        """Let the running step go on for a job that begins in the middle of it."""
        step = self.step
        if step.start_ns == IDLE or step.job == number:
            return
        try:
            self._begin_inside(number)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def _begin_inside(self, number: int) -> None:
        step = self.step
        if step.eager is not None:
            self.settle_eager(self.step.clock())
        task = asyncio.current_task(self)
        if task is None:
            self._cut(number, FUTURE)
            return
        state = self.track(task, step.cause)
        if state is not step.task and task.get_coro() is not self._creating:
            self._begin_eager(state)
        if state.job not in (NOBODY, number) and state.job != self.recorder.job_around():
            # That job waits somewhere else, and whoever drives it by hand drives this one now.
            self._cut(NOBODY, FUTURE)
            state.carry_out(NOBODY, ())
        if state.job != number:
            state.carry_out(number, (*state.outer, state.job))
        ready_ns = step.ready_ns
        self._cut(number, Then.JOB)
        step.ready_ns = ready_ns

    def end_job(self, number: int, then: int) -> None:
        """Note how a job ended; the rest of the running step is no longer its own."""
        step = self.step
        state = step.task
        if state is not None and state.root == number == step.job and step.eager is None:
            state.outcome = then
            return
        try:
            if self.step.eager is not None:
                self.settle_eager(self.step.clock())
            if self.step.start_ns == IDLE or self.step.job != number:
                self._end_elsewhere(number, then)
            else:
                self._end_inside(number, then)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def _end_inside(self, number: int, then: int) -> None:
        state = self.step.task
        if state is None or state.job != number:
            task = asyncio.current_task(self)
            if task is None:
                self._cut(NOBODY, then)
                return
            state = self.track(task, self.step.cause)
        if state.root == number:
            state.outcome = then
            if self.step.eager is not None:
                self._end_eager(state, then)
        else:
            *outer, job = state.outer or (NOBODY,)
            state.carry_out(job, tuple(outer))
            self._cut(job, then)

    def _end_elsewhere(self, number: int, then: int) -> None:
        """End a job that its task does not carry out now: it was driven by hand, in turn."""
        for state in [*self.step.task_states.values(), *self._python_task_states.values()]:
            if number in state.outer:
                state.carry_out(state.job, tuple(job for job in state.outer if job != number))
            if state.job == number and state.root != number:
                state.carry_out(NOBODY, ())
        self.recorder.end(number, then)

    def _begin_eager(self, state: TaskState) -> None:
        start = EagerStart(state, self.step.job, self.step.cause)
        self.step.eager = [*(self.step.eager or ()), start]
        if self.recorder.yields is not None:
            self.recorder.yields.begin()

    def note_yield(self) -> None:
        """Take note that a job's coroutine yields; if its task is an eager one, it suspends now."""
        state = self.state_of(asyncio.current_task(self))
        for start in self.step.eager or ():
            if start.state is state and start.suspended_ns is None:
                start.suspended_ns = self.now_or_zero()
                self.step.cause = start.cause

    def settle_eager(self, now_ns: int) -> None:
        """Give the running step back to whoever started eager tasks that have suspended since."""
        step = self.step
        starts: list[EagerStart] = step.eager or []
        while starts and starts[-1].suspended_ns is not None:
            start = starts.pop()
            task = start.state()
            detail = NOTHING if task is None else self.after_step(task, start.state)
            self._cut(start.creator, detail, at_ns=min(now_ns, start.suspended_ns or now_ns))
            step.cause = start.cause
        self._leave_eager(starts)

    def _end_eager(self, state: TaskState, then: int) -> None:
        """End an eager task that ran to its end in its constructor."""
        starts: list[EagerStart] = self.step.eager or []
        if starts and starts[-1].state is state:
            start = starts.pop()
            self._cut(start.creator, then)
            self.step.cause = start.cause
        self._leave_eager(starts)

    def _leave_eager(self, starts: list[EagerStart]) -> None:
        if not starts and self.step.eager is not None:
            self.step.eager = None
            if self.recorder.yields is not None:
                self.recorder.yields.end()

    def _cut(self, next_job: int, then: int, *, at_ns: int | None = None) -> None:
        piece = self.step
        if piece.start_ns == IDLE:
            return
        now = self.step.clock() if at_ns is None else at_ns
        self.step.write(piece.row_until(now, then))
        piece.kind = piece.more_kind
        piece.job = piece.cause = next_job
        piece.ready_ns = piece.start_ns = now


class RecordingLoop(LoopRecording, asyncio.SelectorEventLoop):
    """An event loop that records its steps and otherwise behaves as its base class."""

    def __init__(self, recorder: Recorder, selector: BaseSelector | None = None) -> None:
        """Record into a recorder, whose clock becomes the loop's own.

        Args:
            recorder: Where the rows go.
            selector: As for the base class; tests pass one that moves a virtual clock.
        """
        self.record_into(recorder)
        super().__init__(selector)

    def time(self) -> float:
        """Return the recorder's time in seconds, so that timers and rows share one clock."""
        return self.step.clock() / NS_PER_S


RecordingLoop.__name__ = asyncio.SelectorEventLoop.__name__
"""So that what asyncio's debug mode says of the loop reads as without recording."""
