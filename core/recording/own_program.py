"""A program of somebody's own: each of its tasks is a job, and so is each call for an executor.

Its loops are given `TaskRecording`. What `create_task` makes is a job from then on; a task that the
constructor of `asyncio.Task` made is one from its first step on, since nothing tells of it before.
A call that an executor is handed is marked on the way, and works under the name of its function.
"""

import asyncio
import sys
from asyncio.events import _get_running_loop
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate
from threading import get_ident
from types import BuiltinMethodType, CoroutineType, FrameType
from typing import Any

from .events import NOBODY, Birth, Then, pack_row
from .executors import recorded_executors
from .handles import IDLE
from .loop import LoopRecording, recorded_loops
from .marks import MarkedBlockingJob, is_marked
from .recorder import JobError, Recorder
from .sites import NO_SITE, code_of
from .tasks import CTask, PyTaskState, TaskState, new_state
from .texts import MAX_NAME, bounded, coroutine_name, retained
from .tracking import Forget
from .trio_runs import recorded_trio
from .trio_tasks import TrioRun
from .uv_loops import recorded_uvloop
from .work import HandedJobs

OK = int(Then.OK)
COROUTINE = int(Birth.COROUTINE)
create_task = LoopRecording.create_task
"""A function here, since `super()` costs what a row does, and each task is made by it."""


class TaskRecording(LoopRecording):
    """A recording loop on which each task is a job of its own, named as the task is."""

    def track_into(self, recorder: Recorder) -> None:
        """As the base class; a task that is freed before its end is a job that is lost."""
        super().track_into(recorder)
        self._forget = _forgetting(recorder, self.step.task_states)
        self._forget_of_python = _forgetting(recorder, self._python_task_states)

    def begin_turn(self) -> None:
        """As the base class; the tasks that wait by then are jobs that wait from now on."""
        if self._has_lane:
            return
        super().begin_turn()
        try:
            for task in asyncio.all_tasks(self):
                waiter = getattr(task, "_fut_waiter", None)
                if waiter is not None and self.state_of(task) is None:
                    self._adopt(task, waiter)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def _adopt(self, task: Any, waiter: Any) -> None:
        now_ns = self.step.clock()
        number = self._new_job(task.get_coro(), None, at_ns=now_ns)
        self._number(task, NOBODY, number)
        # as if its step had ended now: what it waits for shows in what it has suspended in
        kind, detail = self.step.first_kind, self.wait_of(task, waiter)
        self.step.write(pack_row(kind, number, now_ns, now_ns, now_ns, detail, NOBODY))

    def create_task(self, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        """As the base class; the task is a job from now on."""
        step = self.step
        try:
            at_ns = step.clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            at_ns = 0
            self.give_up(error)
        task: Any = None
        try:
            task = create_task(self, coro, **kwargs)
            try:
                if self.state_of(task) is None and not _is_end_of_run(coro):
                    by = step.cause
                    self._number(task, by, self._new_job(coro, sys._getframe(1), at_ns, by))
            except Exception as error:  # noqa: BLE001 - the program must not see it
                self.give_up(error)
            return task
        finally:
            del task, coro  # or the traceback of its exception, which keeps this frame, would

    def _create_slowly(self, coro: Coroutine[Any, Any, Any], options: dict[str, Any]) -> Any:
        """As the base class; a task that starts eagerly is a job before it is there.

        Its first step runs in its constructor, past all methods of the loop, so the running step is
        cut before it; that it has run shows in its coroutine.
        """
        step = self.step
        may_start = self._task_factory is not None or options.get("eager_start")
        if step.start_ns == IDLE or not may_start:
            return super()._create_slowly(coro, options)
        creator, cause, at_ns = step.job, step.cause, self.now_or_zero()
        number = self._new_job(coro, sys._getframe(2), at_ns, cause)
        self._cut(number, Then.JOB, at_ns=at_ns)
        task: Any = None
        try:
            task = super()._create_slowly(coro, options)
            self._number(task, cause, number)
            if _has_begun(coro):
                creator, cause = number, number
            return task  # noqa: TRY300 - there is nothing after it
        except BaseException:
            self.recorder.end_job(number, Then.LOST)
            raise
        finally:
            step.job, step.cause = creator, cause
            del task, coro

    def track(self, task: Any, created_by: int = NOBODY) -> TaskState:
        """As the base class; a task that is met for the first time is a job."""
        state = self.state_of(task)
        return self.track_new(task, created_by) if state is None else state

    def track_new(self, task: Any, created_by: int) -> TaskState:
        """As the base class; it is a job."""
        coro = task.get_coro()
        number = NOBODY if _is_end_of_run(coro) else self._new_job(coro, None, by=created_by)
        return self._number(task, created_by, number)

    def _new_job(
        self, coro: Any, maker: FrameType | None, at_ns: int | None = None, by: int = NOBODY
    ) -> int:
        """Return the number of a new job; `maker` is the frame that made it, if that is known."""
        sites, recorder = self._sites, self.recorder
        site = NO_SITE if maker is None else sites.of_running(maker)
        is_library = (
            type(coro) is CoroutineType
            and sites.is_of_library(coro.cr_code)
            and sites.made_by_library(maker) is not False
        )
        number = recorder.create(None, COROUTINE, site, at_ns, by, is_library=is_library)
        # now: a task that has ended eagerly has let its coroutine go
        recorder.coroutines[number] = coroutine_name(coro)
        return number

    def _number(self, task: Any, created_by: int, number: int) -> TaskState:
        """Let a task be a job from now on."""
        key = id(task)
        if isinstance(task, CTask):
            state = new_state(TaskState(task, self._forget), key, number, created_by)
            self.step.task_states[key] = state
        else:
            state = new_state(PyTaskState(task, self._forget_of_python), key, number, created_by)
            self._python_task_states[key] = state
        if number != NOBODY:
            self.recorder.newcomers.append(state)
        return state

    def final_outcome(self, task: Any, state: TaskState) -> int:
        """As the base class, by what the task itself says of its end."""
        root = state.root
        if root != NOBODY and not state.outcome:
            outcome = state.outcome = self._outcome(task, root)
            if outcome == OK and state.job == root:
                return outcome
        return super().final_outcome(task, state)

    def _outcome(self, task: Any, number: int) -> int:
        self.recorder.names[number] = bounded(task.get_name(), MAX_NAME)
        if task.cancelled():
            return Then.CANCELLED
        # not `exception()`, which would count as somebody having asked for it
        if (error := task._exception) is not None:
            self.recorder.errors[number] = JobError.of(error)
            return Then.FAILED
        result = task._result
        self.recorder.results[number] = None if result is None else retained(result)
        return OK


def _forgetting(recorder: Recorder, states: dict[int, TaskState]) -> Forget:
    """Return what is called once a task is gone: without an end, its job is lost."""

    def forget(state: TaskState) -> None:
        states.pop(state.key, None)
        if not state.outcome and state.root != NOBODY:
            recorder.end_job(state.root, Then.LOST)

    return forget


_END_OF_GENERATORS = asyncio.BaseEventLoop.shutdown_asyncgens.__code__
_END_OF_EXECUTOR = asyncio.BaseEventLoop.shutdown_default_executor.__code__
_ENDS_OF_UVLOOP = ("Loop.shutdown_asyncgens", "Loop.shutdown_default_executor")


def _is_end_of_run(coroutine: Any) -> bool:
    """Return whether a coroutine is one with which `asyncio.run` ends: nobody's job."""
    # by identity: each task pays, and hashing code takes longer the longer it is (Python 3.12+)
    if type(coroutine) is not CoroutineType:
        is_of_cython = type(coroutine).__module__.startswith("_cython")
        return is_of_cython and coroutine.__qualname__ in _ENDS_OF_UVLOOP
    code = coroutine.cr_code
    return code is _END_OF_GENERATORS or code is _END_OF_EXECUTOR


def _has_begun(coroutine: Any) -> bool:
    if type(coroutine) is not CoroutineType:
        return False
    return getcoroutinestate(coroutine) != CORO_CREATED


class RecordedCall(MarkedBlockingJob):
    """A call for an executor, of any function: a job under the function's name.

    Nothing of the function is looked into but its name and its line, since that would run code of
    the program; so this has no `__init__` of the base class.
    """

    def __init__(self, function: Callable[..., object], recorder: Recorder) -> None:
        called = _called(function)
        self._job = function
        self._recorder = recorder
        self.takes_one = False
        self._site = recorder.sites.of_function(called)
        code = code_of(called)
        self._is_programs = code is not None and not recorder.sites.is_of_library(code)
        self.handed = HandedJobs()
        self._of_calls = recorder, function, False, self._site, self.handed
        self._name = bounded(getattr(called, "__qualname__", type(called).__name__), MAX_NAME)

    def index_of(self, args: tuple[Any, ...], named: dict[str, Any]) -> object:  # noqa: ARG002
        """Return nothing: the job gets the next number."""
        return None

    def handed_over(self, index: object, at_ns: int) -> int:
        """As the base class; the job has its name, and is made by the one in whose step it is."""
        expected = self.handed.claim(index)
        number = self._new(at_ns) if expected is None else expected.number
        self._recorder.names[number] = self._name
        return number

    def _new(self, at_ns: int) -> int:
        recorder = self._recorder
        is_library = (
            not self._is_programs and recorder.sites.made_by_library(sys._getframe(1)) is True
        )
        by = running_job(recorder)
        return recorder.create(None, Birth.POOL, self._site, at_ns, by, is_library=is_library)


def running_job(recorder: Recorder) -> int:
    """Return the job that runs in the calling thread, or `NOBODY`."""
    running: Any = _get_running_loop()
    if getattr(running, "recorder", None) is recorder and running.step.cause != NOBODY:
        return int(running.step.cause)
    # a run of trio is no running loop of asyncio, but may be the guest of one
    thread = get_ident()
    here = [loop for loop in recorder.loops if isinstance(loop, TrioRun) and loop.thread == thread]
    return int(here[-1].step.cause) if here else NOBODY


def _called(function: Any) -> Any:
    """Return what is called in the end, inside of a `partial` or of `Context.run`."""
    while True:
        if type(function) is partial:
            inner, args = function.func, function.args
            runs_in_context = type(inner) is BuiltinMethodType and type(inner.__self__) is Context
            function = args[0] if runs_in_context and args else inner
        else:
            return function


@contextmanager
def recorded_program(recorder: Recorder) -> Iterator[None]:
    """Record into a recorder what a program's loops and executors do meanwhile, in any thread."""

    def mark(function: Any) -> Any:
        return function if is_marked(function) else RecordedCall(function, recorder)

    with (
        recorded_loops(recorder, TaskRecording),
        recorded_executors(recorder, mark),
        recorded_trio(recorder, RecordedCall),
        recorded_uvloop(recorder, TaskRecording),
    ):
        yield
