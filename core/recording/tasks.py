"""Tasks of a recorded loop: which callbacks run one, what is known of each, and who cancels it.

A cancellation is recorded when `cancel` is called. Who called is what was seen: the running job,
the timer's setter, the failed member of a group, the frame of `asyncio.run` at its end, the
pattern's thread, or nobody known. What a job takes back (`uncancel`: its own time-outs and groups)
is no cancellation of it. Cancellations of tasks that a factory made show at their wake-up.
"""

import asyncio
import sys
import weakref
from asyncio import futures, runners, taskgroups, tasks, timeouts
from concurrent.futures import Future
from functools import partial
from pathlib import PurePath
from types import BuiltinMethodType, CodeType, FrameType
from typing import TYPE_CHECKING, Any, cast

from .events import NOBODY, UNKNOWN, Canceller, Then

if TYPE_CHECKING:
    from .loop import RecordingLoop
    from .tracking import Step


_WAKEUPS = frozenset({"task_wakeup", "TaskWakeupMethWrapper", "__step", "__wakeup"})
"""What CPython names the callbacks that run a task, but for the wrapper that has no name."""
_ASYNCIO = str(PurePath(asyncio.__file__).parent)
END_OF_SLEEP: Any = futures._set_result_unless_cancelled


def _type_of_c_steps() -> type:
    """Return the type of the callback by which a C task schedules its steps; it has no name."""
    scheduled: list[Any] = []

    # All that the constructor of a task asks of its loop (`_asyncio_Task___init___impl` in
    # `Modules/_asynciomodule.c`).
    class Loop:
        def get_debug(self) -> bool:
            return False

        def call_soon(self, callback: object, **_: object) -> None:
            scheduled.append(callback)

    async def nothing() -> None:
        pass

    coroutine = nothing()
    # with a name, or it would take the first of those that asyncio gives, and the program's first
    # task would be called `Task-2`
    task = asyncio.Task(coroutine, loop=cast("Any", Loop()), name="none")
    coroutine.close()
    # or "Task was destroyed but it is pending" would be logged at each start
    task._log_destroy_pending = False
    return type(scheduled[0])


C_STEP = _type_of_c_steps()


def runs_a_task(callback: Any) -> bool:
    """Return whether a callback with a task as its `__self__` runs it, as `cancel` does not."""
    return type(callback) is C_STEP or getattr(callback, "__name__", None) in _WAKEUPS


def is_wake_up(callback: Any) -> bool:
    """Return whether a timer's callback does nothing but wake somebody up.

    Functions of asyncio and methods written in C do; a function of the program may work first.
    """
    while isinstance(callback, partial):
        callback = callback.func
    if type(callback) is BuiltinMethodType:
        return True
    # A timer of the program's own function is a step of the program, which takes its time.
    code = getattr(callback, "__code__", None)
    return isinstance(code, CodeType) and code.co_filename.startswith(_ASYNCIO)


NOTHING = int(Then.NOTHING)
CTask = asyncio.Task
PyTask: Any = getattr(tasks, "_PyTask", asyncio.Task)
"""Tasks written in Python, which programs may ask for; they are no `asyncio.Task` of C."""
TASKS = (CTask, PyTask)


class TaskState(weakref.ref[Any]):
    """Which job a task carries out now, and what has become of it.

    It refers to the task weakly, or "Task was destroyed but it is pending" would not be said.
    It is one object without a constructor of its own, since each task has one: the garbage
    collector goes through all that a task has.

    Attributes:
        key: The task's `id`.
        root: The job that is the task's own coroutine, or `NOBODY`.
        job: The job that it carries out now.
        outer: The jobs that wait in this task for the end of that one, the outermost first.
        outcome: How the root job ended, once it has.
        is_cancelled: Whether `cancel` was called, and `uncancel` has not taken it back.
        created_by: The job in whose step the task was made, or `NOBODY`.
        cause: The job to which is due what the task does: the one that it carries out, else the one
            that made it, or `NOBODY` if it is the pattern's.
    """

    __slots__ = ("cause", "created_by", "is_cancelled", "job", "key", "outcome", "outer", "root")

    key: int
    root: int
    job: int
    outer: tuple[int, ...]
    outcome: int
    is_cancelled: bool
    created_by: int
    cause: int

    def carry_out(self, job: int, outer: tuple[int, ...]) -> None:
        """Carry out a job, or none, from now on, with others around it."""
        self.job = job
        self.outer = outer
        self.cause = self.created_by if job == NOBODY else job

    @property
    def jobs(self) -> tuple[int, ...]:
        """The jobs that the task carries out, the outermost first."""
        return () if self.job == NOBODY else (*[job for job in self.outer if job >= 0], self.job)


class PyTaskState(TaskState):
    """The same of a task that is written in Python."""

    __slots__ = ()


def new_state(state: TaskState, key: int, root: int, created_by: int) -> TaskState:
    """Return a state filled in: the job of its task, and the one in whose step it was made."""
    # not in an `__init__`: a class without one is made by C alone
    state.key = key
    state.root = root
    state.created_by = created_by
    state.job = root
    state.outer = ()
    state.cause = created_by if root == NOBODY else root
    state.outcome = NOTHING
    state.is_cancelled = False
    return state


def is_task(owner: Any) -> bool:
    """Return whether an object is a task of asyncio, written in C or in Python."""
    return isinstance(owner, TASKS)


LOOKED_THROUGH = 8
"""How many frames lie at most between `Task.cancel` and the code of asyncio that cancels."""
_AT_THE_END = runners._cancel_all_tasks.__code__

By = tuple[Canceller, int]
"""Who cancelled, and the job that did, or whose timer or group it was; `NOBODY` if none."""
BY_UNKNOWN: By = (Canceller.UNKNOWN, NOBODY)


class RecordedTask(asyncio.Task[Any]):
    """A task that notifies its loop when it is cancelled; it has nothing else of its own.

    The moment of `cancel` leaves no trace in a task that is ready anyway, and methods of the C
    type cannot be replaced, so only a subclass sees it.
    """

    __slots__ = ()

    def cancel(self, msg: Any = None) -> bool:
        """As the base class."""
        loop = cast("RecordingLoop", self.get_loop())
        if not hasattr(loop, "recorder"):
            return super().cancel(msg)  # the recording is over, and the loop what it was
        # Both before the call: it passes the cancellation on to what the task awaits, and counts
        # it.
        at_ns = loop.now_or_zero()
        is_first = not self.cancelling()
        taken = super().cancel(msg)
        if taken:
            loop.note_cancellation(self, at_ns, is_first=is_first)
        return taken

    def uncancel(self) -> int:
        """As the base class."""
        left = super().uncancel()
        loop = cast("RecordingLoop", self.get_loop())
        if not left and hasattr(loop, "recorder"):
            loop.note_uncancellation(self)
        return left


RecordedTask.__name__ = RecordedTask.__qualname__ = asyncio.Task.__name__
RecordedTask.__module__ = asyncio.Task.__module__
"""So that a task's `repr` and its type read as without recording."""


def canceller(running: "RecordingLoop | None", *, in_program: bool) -> By:
    """Return who is cancelling a task just now.

    Args:
        running: The recording loop that runs in this thread, if one does.
        in_program: Whether this is the thread in which the program was started.
    """
    by_asyncio = _code_of_asyncio()
    if running is None:
        if by_asyncio is not None and by_asyncio.f_code is _AT_THE_END:
            return Canceller.RUN, NOBODY
        return (Canceller.PATTERN, NOBODY) if in_program else BY_UNKNOWN
    return _in_step(running, running.step, by_asyncio)


def _in_step(loop: "RecordingLoop", step: "Step", by_asyncio: FrameType | None) -> By:
    # First the timer: what its callback does is no job's own, whatever stands around it.
    if step.timer_of is not None:
        return BY_UNKNOWN if step.timer_of == UNKNOWN else (Canceller.TIMEOUT, step.timer_of)
    # A done-callback that cancels: the member that has ended has failed.
    failed = step.ended_task if step.task is None else None
    if failed is not None and failed.root != NOBODY:
        return Canceller.JOB, failed.root
    if by_asyncio is not None and by_asyncio.f_code.co_filename == timeouts.__file__:
        return Canceller.TIMEOUT, step.cause
    if by_asyncio is not None and by_asyncio.f_code.co_filename == taskgroups.__file__:
        return Canceller.GROUP, _owner_of_group(loop, by_asyncio)
    if step.cause != NOBODY:
        return Canceller.JOB, step.cause
    return BY_UNKNOWN if step.task is None and failed is None else (Canceller.PATTERN, NOBODY)


def ends_in_its_group(task: Any) -> bool:
    """Return whether a task is being cancelled by a group of its own, at the end of which it waits.

    The group wakes its task by that and lets no `CancelledError` out; up to CPython 3.12 it does
    not call `uncancel` afterwards either.
    Source: `TaskGroup.__aexit__` in `Lib/asyncio/taskgroups.py`; CPython issue 116720.
    """
    frame = _code_of_asyncio()
    if frame is None or frame.f_code.co_filename != taskgroups.__file__:
        return False
    group = frame.f_locals.get("self")
    is_its_own = getattr(group, "_parent_task", None) is task
    return is_its_own and getattr(group, "_exiting", False) is True


def _owner_of_group(loop: "RecordingLoop", frame: FrameType) -> int:
    # whatever cancels in that file is a method of the group, such as `_abort`
    group = frame.f_locals.get("self")
    state = loop.state_of(getattr(group, "_parent_task", None))
    return NOBODY if state is None else state.cause


def _code_of_asyncio() -> FrameType | None:
    """Return the frame of asyncio's own code that cancels, if it is one of those that are known."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(LOOKED_THROUGH):
        if frame is None:
            return None
        code = frame.f_code
        if code is _AT_THE_END or code.co_filename in (timeouts.__file__, taskgroups.__file__):
            return frame
        frame = frame.f_back
    return None


OWN = __name__.rpartition(".")[0]
CHAINED = "_chain_future.<locals>._call_check_cancel"
"""What `asyncio.wrap_future` hangs on the future that it returns; the other one is in its closure.
Source: CPython, `_chain_future` in `Lib/asyncio/futures.py`, 3.11 to 3.15."""


def stands_for_a_call(future: Any) -> bool:
    """Return whether a future of asyncio comes from `wrap_future` of a call that is recorded.

    Others hang nothing of this package on the future that a pool has returned.
    """
    # Only of asyncio's own: another library's may have callbacks of any shape.
    chained = future._callbacks if isinstance(future, asyncio.Future) else None
    for callback, _ in chained or ():
        if getattr(callback, "__qualname__", "") == CHAINED:
            cells = (cell.cell_contents for cell in callback.__closure__ or ())
            return any(type(each) is Future and _is_recorded(each) for each in cells)
    return False


def _is_recorded(call: Future[Any]) -> bool:
    hung_on = (getattr(each, "func", each) for each in call._done_callbacks)
    return any(str(getattr(each, "__module__", "")).startswith(OWN) for each in hung_on)
