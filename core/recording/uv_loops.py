"""Loops of uvloop, recorded by what asyncio's tasks and futures ask of any loop.

uvloop is written in Cython, and its queue of callbacks is out of reach. But tasks and futures call
`loop.call_soon` by name, and so does a program. So a loop gets a class that hands uvloop, in place
of each callback, one that records its run and says of itself what the callback would. Timers are
seen in the same way.

What uvloop calls itself is not seen: protocols of its transports, readers and writers, handlers of
signals. So what they wake up has no known cause, and their time is in no step.

A loop records from its creation on, or the first step of the main task would be in uvloop's queue
before anybody looks; one that was there before, from when it runs.
Source: uvloop 0.23, `cbhandles.pyx` and `loop.pyx`.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from functools import cache
from operator import call
from threading import get_ident
from types import SimpleNamespace
from typing import Any, cast

from .events import NOBODY
from .handles import NS_PER_S, RecordedHandle, RecordedTimer
from .loop import LoopRecording, become_recording, new_handle
from .loop_classes import OTHER_CLASSES, is_its_own
from .once_imported import forget_import, once_imported
from .own_frames import leave_out_own, pruned
from .recorder import Recorder, ignore
from .tracking import TaskTracking

UVLOOP = "uvloop"
ENTERED: Any = SimpleNamespace(run=call)
"""Stands for the context of a handle: uvloop enters it, and a call from C adds no frame."""


class UvCallback(RecordedHandle):
    """A callback that records its run; to whoever looks at it, it is the callback itself."""

    __slots__ = ()

    __call__ = RecordedHandle._run

    def _report(self, error: BaseException) -> None:
        """Leave it to uvloop, which reports it as that of the callback."""
        try:
            raise error
        finally:
            del self, error

    def __repr__(self) -> str:
        return repr(self._callback)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._callback, name)


class UvCallbackOfArguments(UvCallback):
    """The same of one with arguments: uvloop calls it with them, in another line of its own."""

    __slots__ = ()

    def __call__(self, *_args: Any) -> None:
        """Run, and record it."""
        try:
            self._run()
        finally:
            del self, _args


class UvTimer(RecordedTimer):
    """The callback of a timer, likewise."""

    __slots__ = ()

    def __call__(self, *_args: Any) -> None:
        """Run, and record it."""
        # uvloop counts in whole milliseconds, so that a timer may come before it is due
        self._when = min(self._when, self._loop.now_or_zero() / NS_PER_S)
        try:
            self._run()
        finally:
            del self, _args

    def _run_callback(self) -> None:
        try:
            self._context.run(self._callback, *self._args)
        finally:
            del self

    __repr__ = UvCallback.__repr__
    __getattr__ = UvCallback.__getattr__


class UvRecording(LoopRecording):
    """What a loop of uvloop that records does in another way than one of asyncio.

    It has no queue and no timers that anybody could look through.
    """

    _ready: Any = ()
    _scheduled: Any = ()
    _runs_in = 0

    @property
    def thread(self) -> int:
        """As the base class."""
        return self._runs_in if self.is_running() else 0

    def begins_to_run(self) -> None:
        """As the base class, and note in which thread."""
        self._runs_in = get_ident()
        self.recorder.loop_kinds.add(UVLOOP)
        super().begins_to_run()

    def take_over(self, ahead_s: float) -> None:
        """Leave alone what uvloop has in its queue."""

    @property
    def _task_factory(self) -> Any:
        return self.get_task_factory()

    @property
    def _debug(self) -> bool:
        return self.get_debug()

    def _check_closed(self) -> None:
        if self.is_closed():
            message = "Event loop is closed"
            raise RuntimeError(message)

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As the base class, with a callback that records its run."""
        step = self.step
        recorded = self._recorded(callback, args, step.cause, step.due_ns)
        handle = _beyond(self).call_soon(recorded, *args, context=context)
        if handle._source_traceback:
            leave_out_own(handle._source_traceback)
        return cast("asyncio.Handle", handle)

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As the base class, from any thread."""
        caller = NOBODY
        try:
            caller = self._caller(callback)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)
        recorded = self._recorded(callback, args, caller, 0)
        handle = _beyond(self).call_soon_threadsafe(recorded, *args, context=context)
        if handle._source_traceback:
            leave_out_own(handle._source_traceback)
        return cast("asyncio.Handle", handle)

    def _recorded(self, callback: Any, args: Any, waker: int, due_ns: int) -> UvCallback:
        handle = new_handle(UvCallbackOfArguments if args else UvCallback)
        handle._callback = callback
        handle._args = args
        handle._loop = self  # type: ignore[assignment]
        handle._context = ENTERED
        handle._cancelled = False
        handle._repr = handle._source_traceback = None
        handle.waker = waker
        handle.ready_ns = due_ns or self.now_or_zero()
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As the base class, with a timer that records its run; `call_at` comes here, too."""
        timer: Any = callback
        try:
            when = self.now_or_zero() / NS_PER_S + max(delay, 0)
            timer = UvTimer(when, callback, args, cast("Any", self), ENTERED)
            timer.set_by = self.step.cause
            if timer.set_by == NOBODY:
                timer.set_by = self._setter_of_timer()
        except TypeError:
            pass  # uvloop says it in its own words
        handle = _beyond(self).call_later(delay, timer, *args, context=context)
        if handle._source_traceback:
            leave_out_own(handle._source_traceback)
        return cast("asyncio.TimerHandle", handle)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As the base class."""
        return self.call_later(when - self.time(), callback, *args, context=context)

    def create_task(
        self, coro: Coroutine[Any, Any, Any], *, name: Any = None, **options: Any
    ) -> Any:
        """As the base class; a task gets its name afterwards, as uvloop gives it.

        So one with a name of its own takes up a number, too: the next one is `Task-3`, say.
        """
        task: Any = None
        try:
            task = super().create_task(coro, **options)
            if name is not None and hasattr(task, "set_name"):
                task.set_name(name)
            return task
        finally:
            del task, coro

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """As the base class, of an error without our frames, which stand between uvloop's."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            error.__traceback__ = pruned(error.__traceback__)
        del error
        _beyond(self).call_exception_handler(context)


def _beyond(loop: UvRecording) -> Any:
    """Return what a loop is besides recording."""
    return super(TaskTracking, loop)


@cache
def uv_class(kind: Any, base: type, *, sees_running: bool) -> type | None:
    """Return the class of a loop that records and is otherwise of a kind of uvloop's.

    None if it replaces the methods by which steps are seen.

    Args:
        kind: The loop's class.
        base: Brings the methods that record.
        sees_running: Whether it is seen that a loop begins to run, without a method of ours.
    """
    if any(is_its_own(kind, name, UVLOOP) for name in SEEN_BY_METHOD):
        return None
    attributes: dict[str, object] = {"__module__": kind.__module__}
    if sees_running:
        attributes["run_forever"] = kind.run_forever  # or ours would stand in tracebacks
    bases = (UvRecording, kind) if base is LoopRecording else (base, UvRecording, kind)
    recording = type(kind.__name__, bases, attributes)
    recording.__qualname__ = kind.__qualname__
    return recording


SEEN_BY_METHOD = (
    *("call_soon", "call_soon_threadsafe", "call_later", "call_at", "create_task"),
    *("run_in_executor", "run_forever"),
)


class UvNotice:
    """Lets loops of uvloop record from their creation on, if the program makes any."""

    def __init__(self, recorder: Recorder, base: type[LoopRecording]) -> None:
        self._recorder = recorder
        self._base = base
        self._kind: Any = None
        self._own: Any = None
        # It keeps the function that says which loop runs as it was when it was imported.
        self._sees_running = UVLOOP not in sys.modules

    def begin(self) -> None:
        """Notice loops from now on."""
        OTHER_CLASSES.append(self._class_of)
        once_imported(UVLOOP, self._watch)

    def end(self) -> None:
        """Notice no more of them, and leave uvloop as it was."""
        forget_import(UVLOOP, self._watch)
        OTHER_CLASSES.remove(self._class_of)
        # What the program has put in its place meanwhile stays.
        if self._kind is not None and vars(self._kind).get("__init__") is self._own:
            del self._kind.__init__

    def _record(self, loop: Any) -> None:
        if not become_recording(loop, self._recorder, self._base):
            package = type(loop).__module__.partition(".")[0]
            self._recorder.loop_kinds.add(package)
            self._recorder.unrecorded_kinds.add(package)

    def _class_of(self, kind: Any, base: type) -> type | None:
        module: Any = sys.modules.get(UVLOOP)
        if not issubclass(kind, getattr(module, "Loop", ())):
            return None
        return uv_class(kind, base, sees_running=self._sees_running)

    def _watch(self) -> None:
        kind = getattr(sys.modules[UVLOOP], "Loop", None)
        if kind is None or "__init__" in vars(kind):
            return
        before = kind.__init__

        def __init__(loop: Any, *args: Any, **named: Any) -> None:  # noqa: N807 - as it is called
            before(loop, *args, **named)
            try:
                if self._recorder.write is not ignore:
                    self._record(loop)
            except Exception as error:  # noqa: BLE001 - the program must not see it
                self._recorder.give_up(error)

        self._kind, self._own = kind, __init__
        kind.__init__ = __init__


@contextmanager
def recorded_uvloop(recorder: Recorder, base: type[LoopRecording]) -> Iterator[None]:
    """Record into a recorder what loops of uvloop do meanwhile, in any thread."""
    notice = UvNotice(recorder, base)
    notice.begin()
    try:
        yield
    finally:
        notice.end()
