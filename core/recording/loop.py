"""The recording loop: an event loop that notes when each of its steps was due, began and ended.

C tasks and futures schedule themselves by calling `loop.call_soon`, so a loop class that makes its
own handles sees every wake-up, and a handle with its own `_run` sees every step. No coroutine is
touched: the program's stacks, results, cancellations and warnings stay as they are.
Source: CPython, `call_soon` in `Modules/_asynciomodule.c` and `_run_once` in
`Lib/asyncio/base_events.py`.

Every loop of asyncio calls `asyncio.events._set_running_loop` when it begins to run, whoever made
it: `asyncio.run`, `Runner`, a `loop_factory`, a thread. So `recorded_loops` sees each, and gives it
a class that records; a loop that is not asyncio's runs as it is, and of its jobs only beginnings
and ends are known. (Policies would see no loop of a `loop_factory`, and are deprecated since Python
3.14.) Each loop has a lane, its number in the order in which loops began to run.

Nothing in here may raise into the program or block its loop: what fails ends the recording.
"""

import asyncio
import heapq
import sys
from asyncio import events, tasks
from asyncio.events import Handle, TimerHandle, _get_running_loop
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import Context, copy_context
from selectors import BaseSelector
from typing import Any, cast

from .events import NOBODY, Then
from .handles import (
    IDLE,
    NS_PER_S,
    RecordedEarlier,
    RecordedHandle,
    RecordedReadiness,
    RecordedTimer,
    ThreadSafeRecordedHandle,
    TrackedTimer,
)
from .holders import recorded_holders
from .interference import Turns, watched_turns
from .job_steps import JobSteps
from .loop_classes import class_for
from .own_frames import leave_out_own
from .recorder import Recorder, ignore
from .tasks import CTask, RecordedTask

FUTURE = int(Then.FUTURE)
TASK_OPTIONS = {"name", "context"} | ({"eager_start"} if sys.version_info >= (3, 14) else set())
"""What `create_task` of asyncio's own loop takes besides the coroutine."""

THREAD_SAFE_FRAMES = 1 if ThreadSafeRecordedHandle is RecordedHandle else 2
"""How many frames of ours are on the stack where a thread-safe handle notes who made it."""
new_handle = object.__new__


class LoopRecording(JobSteps):
    """What a recording loop has on top of any loop of asyncio; it comes first among the bases.

    A live loop begins to record when its class is replaced: see `recorded_loops`.
    """

    def record_into(self, recorder: Recorder) -> None:
        """Record into a recorder from now on."""
        self.track_into(recorder)
        self.lane = 0
        self.turns: Turns | None = None
        self._has_lane = False

    def take_over(self, ahead_s: float) -> None:
        """Record the timers and callbacks that were scheduled before, too.

        `ahead_s` is how far the loop's clock is ahead of the one by which it was set until now.
        """
        # From now on the loop's clock is the recorder's, so each timer moves by the same amount,
        # and the heap stays a heap.
        for timer in cast("list[Any]", self._scheduled):
            timer._when += ahead_s
            if type(timer) is TimerHandle:
                timer.__class__ = TrackedTimer
        # A handle of asyncio's own has no slots for who made it ready and when, so each is wrapped;
        # in place, as other threads may append meanwhile, and a loop that runs has counted them.
        for place, handle in enumerate(list(self._ready)):
            if not handle.cancelled():
                self._ready[place] = self._readiness(handle, RecordedEarlier)

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

    def begins_to_run(self) -> None:
        """Note that the loop runs from now on, perhaps not for the first time."""
        self.begin_turn()

    def run_forever(self) -> None:
        """As the base class."""
        self.begins_to_run()
        super().run_forever()

    @property
    def thread(self) -> int:
        """The identifier of the thread that runs the loop; 0 while none does."""
        return self._thread_id or 0

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """As the base class, with a handle that records its run."""
        if self._closed:
            return super().call_soon(callback, *args, context=context)  # it refuses
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_soon")
            handle = RecordedHandle(callback, args, self, context)
            if handle._source_traceback:
                leave_out_own(handle._source_traceback)
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
            # what a timer wakes up was ready when the timer was due, not when the loop came to it
            handle.ready_ns = step.due_ns or clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            handle.ready_ns = 0
            self.give_up(error)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        """As the base class; ready from now on, whatever the loop's own thread is doing."""
        if self._closed:
            return super().call_soon_threadsafe(callback, *args, context=context)  # it refuses
        if self._debug:
            self._check_callback(callback, "call_soon_threadsafe")
        handle: RecordedHandle = ThreadSafeRecordedHandle(callback, args, self, context)
        if handle._source_traceback:
            del handle._source_traceback[-THREAD_SAFE_FRAMES:]
            leave_out_own(handle._source_traceback)
        # slots have no defaults, and the clock may fail below
        handle.ready_ns, handle.waker = 0, NOBODY
        try:
            handle.ready_ns = self.step.clock()
            handle.waker = self._caller(callback)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)
        self._ready.append(handle)
        self._write_to_self()
        return handle

    def _caller(self, callback: Callable[..., object]) -> int:
        """Return the job that runs in the calling thread, on this loop or another one."""
        if getattr(callback, "__module__", None) == "asyncio.futures":
            # a future of another thread that is done already: the asking thread itself reports it
            return NOBODY
        running: Any = _get_running_loop()
        if running is not None and getattr(running, "recorder", None) is self.recorder:
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
        if when is None or self._closed:
            return super().call_at(when, callback, *args, context=context)  # it refuses
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
            # the base class makes the handle itself, and has no hook for its class
            timer = RecordedTimer(when, callback, args, self, context)
            if timer._source_traceback:
                leave_out_own(timer._source_traceback)
        else:
            # what both `__init__` of it do
            timer = new_handle(RecordedTimer)
            timer._when = when
            timer._callback = callback
            timer._args = args
            timer._loop = self  # type: ignore[assignment]
            timer._context = copy_context() if context is None else context
            timer._cancelled = False
            timer._repr = timer._source_traceback = None
        timer.set_by = self.step.cause
        if timer.set_by == NOBODY:
            timer.set_by = self._setter_of_timer()
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As the base class; a task that awaits the future waits for an executor."""
        future = super().run_in_executor(executor, func, *args)
        # Source: CPython, `wrap_future` in `Lib/asyncio/futures.py`: of what it returns, nothing
        # shows that an executor is behind it.
        self._from_executors.add(future)
        return future

    def _add_callback(self, handle: Handle) -> None:
        if not handle._cancelled:
            self._ready.append(self._readiness(handle, RecordedReadiness))

    def _readiness(self, handle: Any, kind: type[RecordedReadiness]) -> Handle:
        # as in `call_soon`: without the base class's __init__
        readiness: Any = new_handle(kind)
        readiness.original = handle
        readiness._callback = handle._callback
        readiness._args = handle._args
        readiness._loop = self
        readiness._context = handle._context
        readiness._repr = handle._repr
        readiness._source_traceback = handle._source_traceback
        readiness.waker = NOBODY
        try:
            readiness.ready_ns = self.step.clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            readiness.ready_ns = 0
            self.give_up(error)
        return cast("Handle", readiness)

    def create_task(self, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        """As the base class; an eager task (Python 3.12+) has its first step in here."""
        if (
            self._task_factory is None
            and not (self._debug or self._closed)
            # a program may have put the task of Python in its place
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
            # Debug mode shows where a task was made: in the program, not in here.
            leave_out_own(task._source_traceback)
        try:
            return task
        finally:
            del task, coro


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

if sys.platform == "win32":

    class ProactorRecordingLoop(LoopRecording, asyncio.ProactorEventLoop):
        """The same of the loop that `asyncio.run` makes on Windows."""

        def __init__(self, recorder: Recorder) -> None:
            """Record into a recorder, whose clock becomes the loop's own."""
            self.record_into(recorder)
            super().__init__()

        time = RecordingLoop.time

    ProactorRecordingLoop.__name__ = asyncio.ProactorEventLoop.__name__


def usual_loop(recorder: Recorder) -> asyncio.BaseEventLoop:
    """Return a recording loop of the kind that `asyncio.run` makes on this system."""
    if sys.platform == "win32":
        return ProactorRecordingLoop(recorder)
    return RecordingLoop(recorder)


@contextmanager
def recorded_loops(
    recorder: Recorder, recording: type[LoopRecording] = LoopRecording
) -> Iterator[None]:
    """Record into a recorder whatever loops run meanwhile, in any thread.

    `recording` is what each of them gets on top of what it is.
    """
    set_running_loop, of_package = events._set_running_loop, asyncio._set_running_loop

    def set_recorded_loop(loop: Any) -> None:
        if loop is not None and recorder.write is not ignore:
            try:
                record_loop(loop, recorder, recording)
                if loop is _get_running_loop() and isinstance(loop, LoopRecording):
                    loop.note_run_inside()
            except Exception as error:  # noqa: BLE001 - the program must not see it
                recorder.give_up(error)
        set_running_loop(loop)

    set_recorded_loop.is_recorded = True
    # `run_forever` looks the function up in its module at each call; uvloop takes that of the
    # package when it is imported, and keeps it.
    events._set_running_loop = asyncio._set_running_loop = set_recorded_loop
    try:
        with recorded_holders():
            yield
    finally:
        events._set_running_loop, asyncio._set_running_loop = set_running_loop, of_package


def is_recorded() -> bool:
    """Return whether somebody records the loops of this process, under whatever name of this."""
    return hasattr(events._set_running_loop, "is_recorded")


def record_loop(loop: Any, recorder: Recorder, base: type[LoopRecording] = LoopRecording) -> None:
    """Let a loop record from now on, unless it does already or cannot; it may be running."""
    package = str(type(loop).__module__).partition(".")[0]
    recorder.loop_kinds.add(package)
    if not become_recording(loop, recorder, base):
        recorder.unrecorded_kinds.add(package)
    elif loop.recorder is recorder:
        loop.begins_to_run()


def become_recording(
    loop: Any, recorder: Recorder, base: type[LoopRecording] = LoopRecording
) -> bool:
    """Give a loop a class that records, before it runs or while it does; False if there is none."""
    if isinstance(loop, LoopRecording):
        if loop.recorder is not recorder and loop.recorder.write is ignore:
            # after another recording: its handles are of the kind already, and ask it for its step
            loop.record_into(recorder)
        return True
    own = type(loop)
    recording = class_for(own, base, RecordingLoop.time)
    if recording is None:
        return False
    before_s = loop.time()
    # CPython lets an object change its class where neither has `__slots__`, as is the case here.
    loop.__class__ = recording
    try:
        loop.record_into(recorder)
        loop.take_over(loop.time() - before_s)
    except Exception:
        loop.__class__ = own
        raise
    return True
