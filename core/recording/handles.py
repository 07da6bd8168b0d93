"""The recorded handles: the steps of the loop, each noting when it was due, began and ended.

A step of asyncio that does nothing takes little itself, so each call in here counts: `call_soon`
fills a handle without its `__init__`, the handle runs its callback itself and asks the base class
only where that fails, and one `Step` a loop holds what runs now. Handles are not used twice, since
a program may keep one. One reading of the clock for the end of a step and the beginning of the next
would be cheaper, and untrue.
"""

from asyncio import events
from asyncio.events import Handle, TimerHandle
from contextlib import nullcontext
from contextvars import Context
from operator import attrgetter
from types import BuiltinMethodType, FunctionType
from typing import TYPE_CHECKING, Any, cast

from .events import NOBODY, Then, pack_row
from .tasks import (
    C_STEP,
    END_OF_SLEEP,
    TASKS,
    CTask,
    PyTaskState,
    RecordedTask,
    TaskState,
    is_wake_up,
    runs_a_task,
)

if TYPE_CHECKING:
    from .loop import RecordingLoop

NOTHING = int(Then.NOTHING)
YIELDED = int(Then.YIELDED)
FUTURE = int(Then.FUTURE)
NS_PER_S = 1_000_000_000
IDLE = -1

cancelling = CTask.cancelling
done = CTask.done
"""Called as functions: CPython 3.11 and 3.12 look methods of a C task up again at each call."""


class RecordedHandle(Handle):
    """A callback that records its run: who made it ready, and when."""

    __slots__ = ("ready_ns", "waker")

    _loop: "RecordingLoop"
    ready_ns: int
    waker: int
    _of_asyncio: Any = Handle

    def _run(self) -> None:  # noqa: C901, PLR0912, PLR0915 - a call costs what a row does
        """Run the callback and record it; every step of a program pays for each line of this.

        Whatever fails in here, except the callback, ends the recording, not the program.
        """
        loop = self._loop
        step = loop.step
        clock = step.clock
        callback, args = self._callback, self._args
        owner: Any = None
        try:
            # States are found by `id`, as weak dictionaries are written in Python. A state goes
            # with its task, so an `id` that is found is never that of a task before.
            kind = type(callback)
            if kind is C_STEP:
                owner = callback.__self__
                state = step.task_states.get(id(owner))
                if state is None:
                    state = loop.track_new(owner, self.waker)
            else:
                owner = getattr(callback, "__self__", None)
                state = step.task_states.get(id(owner))
                if state is None and issubclass(type(owner), TASKS):
                    state = loop.track_owner(callback, owner, self.waker)
                    if type(state) is PyTaskState:
                        callback = owner = None  # see the end of this function
                        del args
                        self._run_python_task(state)
                        del self
                        return
                elif (
                    state is not None
                    and (kind is not BuiltinMethodType or type(owner) is not RecordedTask)
                    and not runs_a_task(callback)
                ):
                    # Methods that a recorded task replaces are written in Python, so that those of
                    # C are its wake-ups: their names need not be asked for.
                    state = None
            step.task = state
            if state is None:
                step.job = NOBODY
                if args:
                    step.cause = loop.cause_of(self, args)
                else:
                    step.cause = self.waker
                    step.ended_task = None
            else:
                step.job = state.job
                step.cause = state.cause
            step.kind = step.first_kind
            step.ready_ns = self.ready_ns
            step.waker = self.waker
            # Last, since the watch reads a step from another thread: all else is there by now.
            step.start_ns = clock()
            if (
                state is not None
                and type(owner) is not RecordedTask  # which reports it itself
                and cancelling(owner)
                and not state.is_cancelled
            ):
                loop.note_unseen_cancellation(self, state)
        except Exception as error:  # noqa: BLE001 - see above
            loop.give_up(error)
            state = None
        try:
            if args:
                self._context.run(callback, *args)
            else:
                self._context.run(callback)
        except BaseException as error:  # noqa: BLE001 - reported as the base class does it
            self._report(error)
        finally:
            try:
                end_ns = clock()
                if step.eager is not None:
                    loop.settle_eager(end_ns)
                if state is None:
                    detail = NOTHING if step.job == NOBODY else FUTURE
                # first what most steps end with
                elif (waiter := owner._fut_waiter) is not None:
                    detail = loop.wait_of(owner, waiter)
                elif done(owner):
                    detail = loop.final_outcome(owner, state)
                else:
                    detail = YIELDED
                write = step.write
                write(
                    pack_row(
                        step.kind,
                        step.job,
                        step.ready_ns,
                        step.start_ns,
                        end_ns,
                        detail,
                        step.waker,
                    )
                )
            except Exception as error:  # noqa: BLE001 - see above
                loop.give_up(error)
            step.start_ns = IDLE
            step.cause = NOBODY
            # as in Handle._run: a traceback may keep this frame, which must not keep the task
            callback = owner = waiter = None
            del args, self

    def _run_python_task(self, state: TaskState) -> None:
        """Run the step of a task that is written in Python: rare, so it may take its time."""
        loop, step = self._loop, self._loop.step
        try:
            step.task = state
            step.job = state.job
            step.cause = state.cause
            step.kind = step.first_kind
            step.ready_ns, step.waker = self.ready_ns, self.waker
            step.start_ns = step.clock()
            task: Any = state()
            is_known = state.is_cancelled or not task.cancelling()
            del task
            if not is_known:
                loop.note_unseen_cancellation(self, state)
        except Exception as error:  # noqa: BLE001 - as in _run
            loop.give_up(error)
        try:
            self._context.run(self._callback, *self._args)
        except BaseException as error:  # noqa: BLE001 - reported as the base class does it
            self._report(error)
        finally:
            try:
                end_ns = step.clock()
                if step.eager is not None:
                    loop.settle_eager(end_ns)
                step.write(step.row_until(end_ns, loop.after_step(state(), state)))
            except Exception as error:  # noqa: BLE001 - as in _run
                loop.give_up(error)
            step.start_ns = IDLE
            step.cause = NOBODY
            del self

    def _report(self, error: BaseException) -> None:
        """Let the base class deal with an error, as if the callback had raised it in there."""
        self._context = cast("Context", _Raising(self, self._context, error))
        try:
            self._of_asyncio._run(self)
        finally:
            del self, error


run_recorded = RecordedHandle._run
_ThreadSafeHandle = getattr(events, "_ThreadSafeHandle", None)

if _ThreadSafeHandle is None:
    ThreadSafeRecordedHandle: Any = RecordedHandle
else:

    class ThreadSafeRecordedHandle(_ThreadSafeHandle):  # type: ignore[no-redef, misc, valid-type]
        """A recorded handle whose cancellation waits for its run (Python 3.14 and newer).

        Source: CPython, `_ThreadSafeHandle` in `Lib/asyncio/events.py`.
        """

        __slots__ = ("ready_ns", "waker")

        _of_asyncio = _ThreadSafeHandle  # whose lock is an `RLock`
        _report = RecordedHandle._report

        def _run(self) -> None:
            with self._lock:
                if not self._cancelled:
                    run_recorded(self)
            del self


class _Raising:
    """What stands in once for the context of a handle whose callback has already failed."""

    def __init__(self, handle: Handle, context: Context, error: BaseException) -> None:
        self._handle = handle
        self._context = context
        self._error = error

    def run(self, callback: object, *args: object) -> None:  # noqa: ARG002
        # `Handle._run` calls `self._context.run` in a `try`: what is raised in here is reported as
        # the callback's own, by whichever handler of exceptions the loop has.
        handle, error = self._handle, self._error
        handle._context = self._context
        own_frame = error.__traceback__
        try:
            raise error.with_traceback(own_frame and own_frame.tb_next)
        finally:
            del self, handle, error, own_frame


class TrackedTimer(TimerHandle):
    """A timer whose wake-ups count as ready from the moment it was due.

    A timer that was set before the loop was recorded becomes one by its class: no slots are added.
    """

    __slots__ = ()

    _loop: "RecordingLoop"
    _run_callback = TimerHandle._run
    set_by = NOBODY

    def _run(self) -> None:
        loop = self._loop
        step = loop.step
        clock = step.clock
        # A double holds seconds to the nanosecond up to 97 days (2**23 s); `perf_counter` counts
        # them from the machine's start on Linux.
        due_ns = int(self._when * NS_PER_S + 0.5)
        try:
            callback = self._callback
            step.due_ns = due_ns if callback is END_OF_SLEEP or is_wake_up(callback) else 0
            step.timer_of = self.set_by
            step.task = step.ended_task = None
            step.job = step.cause = step.waker = NOBODY
            step.kind = step.first_kind
            step.start_ns = start_ns = clock()
            step.ready_ns = due_ns if due_ns < start_ns else start_ns  # noqa: FURB136 - half as dear
        except Exception as error:  # noqa: BLE001 - as in RecordedHandle
            loop.give_up(error)
        try:
            self._run_callback()
        finally:
            try:
                end_ns = clock()
                if step.eager is not None:
                    loop.settle_eager(end_ns)
                detail = NOTHING if step.job == NOBODY else FUTURE
                write = step.write
                write(
                    pack_row(
                        step.kind,
                        step.job,
                        step.ready_ns,
                        step.start_ns,
                        end_ns,
                        detail,
                        step.waker,
                    )
                )
            except Exception as error:  # noqa: BLE001 - as in RecordedHandle
                loop.give_up(error)
            step.due_ns = 0
            step.timer_of = None
            step.start_ns = IDLE
            step.cause = NOBODY
            del callback, self


class RecordedTimer(TrackedTimer):
    """A timer that knows which job set it, or `NOBODY` if the pattern did, or `UNKNOWN`."""

    __slots__ = ("set_by",)

    set_by: int


class RecordedReadiness(RecordedHandle):
    """One readiness of a file: the original handle is registered once and runs many times."""

    __slots__ = ("original",)

    original: Handle
    # The same with a code of its own: CPython specialises it for the class whose slots it reads.
    _run = FunctionType(RecordedHandle._run.__code__.replace(), globals())
    # asked by the loop before it runs a handle: the file may be left alone by then
    _cancelled = property(attrgetter("original._cancelled"))


class RecordedEarlier(RecordedReadiness):
    """Stands for a callback that was scheduled before its loop was recorded."""

    __slots__ = ()

    def _run(self) -> None:
        # a handle of call_soon_threadsafe is held while it runs (Python 3.14 and newer), so that
        # a thread that cancels it waits for the end of its run
        with getattr(self.original, "_lock", nullcontext()):
            if not self.original._cancelled:
                super()._run()
        del self


def name_as_without() -> None:
    """Let a handle's `repr` and its type, which debug mode shows, read as without recording."""
    named: dict[Any, tuple[Any, ...]] = {
        Handle: (RecordedHandle, RecordedReadiness, RecordedEarlier),
        TimerHandle: (TrackedTimer, RecordedTimer),
        _ThreadSafeHandle: (ThreadSafeRecordedHandle,) if _ThreadSafeHandle else (),
    }
    for known, kinds in named.items():
        for kind in kinds:
            kind.__name__, kind.__qualname__ = known.__name__, known.__qualname__
            kind.__module__ = known.__module__


name_as_without()
