"""What a recording loop knows of its tasks: their jobs, who cancelled them, what they wait for.

A done-callback is attributed to the job that finished, any other callback to the job that scheduled
it, and what a helper task does to the job that made it. A timer counts for nobody, except in a
cancellation.
"""

import asyncio
import weakref
from asyncio.events import _get_running_loop
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .events import DETAIL_BITS, NOBODY, Canceller, Kind, Then, pack_row
from .handles import IDLE, NOTHING, YIELDED, RecordedHandle
from .holders import Holders
from .recorder import Recorder, ignore
from .tasks import (
    CTask,
    PyTaskState,
    TaskState,
    canceller,
    ends_in_its_group,
    is_task,
    new_state,
    runs_a_task,
    stands_for_a_call,
)

Forget = Callable[[Any], object]
if TYPE_CHECKING:
    _AnyLoop = asyncio.BaseEventLoop
else:
    _AnyLoop = object  # one that is not asyncio's own may be recorded, too
CANCELLED = int(Kind.CANCELLED)
UNCANCELLED = int(Kind.UNCANCELLED)
LOCK, EVENT, BARRIER = int(Then.LOCK), int(Then.EVENT), int(Then.BARRIER)


class Step:
    """What a loop does now: the piece of its step that runs, or nothing.

    There is one a loop, used again and again. A step is cut into pieces where one job ends or
    another begins in the middle of it; the times are the piece's own.

    Attributes:
        first_kind: `Kind.STEP` on this loop's lane.
        more_kind: `Kind.MORE` on this loop's lane.
        kind: Whether the piece begins the step or goes on with it, one of the two.
        job: For which job it runs, or `NOBODY`.
        cause: The job to which what it schedules is due: its own, the one whose end a callback
            handles, or the one that scheduled the callback; `NOBODY` while nothing runs.
        ready_ns: Since when it could have begun.
        task: What is known of the task that runs; None for any other callback. An eager task that
            begins in the middle of a step is not the step's.
        start_ns: When it began; `IDLE` while nothing runs.
        waker: The job that made it ready, or `NOBODY`.
        due_ns: When the timer was due that is running instead of a step, if it only wakes somebody
            up; 0 otherwise.
        timer_of: The job that set the timer that is running, or `NOBODY` if the pattern did;
            None while no timer runs.
        ended_task: The task that has ended, while a done-callback of it runs; else None.
        eager: The eager tasks that run inside of this step by their constructor.
        clock: The recorder's clock, and `write` what takes a row: here, as slots are read faster
            than a loop's many attributes.
        task_states: What is known of the loop's tasks that are written in C, by their `id`.
    """

    __slots__ = (
        "cause",
        "clock",
        "due_ns",
        "eager",
        "ended_task",
        "first_kind",
        "job",
        "kind",
        "more_kind",
        "ready_ns",
        "start_ns",
        "task",
        "task_states",
        "timer_of",
        "waker",
        "write",
    )

    def __init__(self, clock: Callable[[], int], write: Callable[[bytes], object]) -> None:
        self.clock = clock
        self.write = write
        self.task_states: dict[int, TaskState] = {}
        self.on_lane(0)
        self.kind = self.first_kind
        self.task: TaskState | None = None
        self.job = self.cause = self.waker = NOBODY
        self.start_ns = IDLE
        self.ready_ns = self.due_ns = 0
        self.timer_of: int | None = None
        self.ended_task: TaskState | None = None
        self.eager: list[Any] | None = None

    def on_lane(self, lane: int) -> None:
        """Take place on a loop's lane from now on."""
        self.first_kind = lane << 8 | Kind.STEP
        self.more_kind = lane << 8 | Kind.MORE

    def row_until(self, end_ns: int, detail: int) -> bytes:
        """Return the row of the piece that runs, which ends now."""
        return pack_row(
            self.kind, self.job, self.ready_ns, self.start_ns, end_ns, detail, self.waker
        )


class TaskTracking(_AnyLoop):
    """The part of a recording loop that tracks its tasks."""

    def track_into(self, recorder: Recorder) -> None:
        """Track the tasks that run from now on, and record of them into a recorder."""
        self.recorder = recorder
        self.step = step = Step(recorder.clock, recorder.write)
        # These hold the dictionaries alone: a task's weak reference must not keep the loop alive.
        states = step.task_states
        self._python_task_states = of_python = dict[int, TaskState]()
        self._forget: Forget = lambda state: states.pop(state.key, None)
        self._forget_of_python: Forget = lambda state: of_python.pop(state.key, None)
        self._sites = recorder.sites
        self.holders = Holders()
        self._from_executors: weakref.WeakSet[asyncio.Future[Any]] = weakref.WeakSet()

    def give_up(self, error: BaseException) -> None:
        """End the recording because of an error of its own; the program goes on."""
        self.step.write = ignore
        self.recorder.give_up(error)

    def now_or_zero(self) -> int:
        """Return the recorder's time; 0 if its clock fails, which ends the recording."""
        try:
            return self.step.clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)
            return 0

    def track_owner(self, callback: Any, owner: Any, waker: int) -> TaskState | None:
        """Begin to track the task that a callback runs; return None for any other callback."""
        if not is_task(owner) or not runs_a_task(callback):
            return None
        return self.track(owner, waker)

    def track(self, task: Any, created_by: int = NOBODY) -> TaskState:
        """Return what is known of a task, from now on until it goes."""
        state = self.step.task_states.get(id(task))
        if state is not None:
            return state
        if isinstance(task, CTask):
            return self.track_new(task, created_by)
        return self._track_python(task, self.recorder.root_job(task.get_coro()), created_by)

    def track_new(self, task: CTask[Any], created_by: int) -> TaskState:
        """Begin to track a task written in C that is not tracked yet, as all are one day."""
        root = self.recorder.root_job(task.get_coro())
        key = id(task)
        state = new_state(TaskState(task, self._forget), key, root, created_by)
        self.step.task_states[key] = state
        return state

    def _track_python(self, task: Any, root: int, created_by: int) -> TaskState:
        states = self._python_task_states
        state = states.get(id(task))
        if state is None:
            # apart from the tasks of C, since the fast way of a handle knows those only
            state = PyTaskState(task, self._forget_of_python)
            states[id(task)] = new_state(state, id(task), root, created_by)
        return state

    def state_of(self, task: Any) -> TaskState | None:
        """Return what is known of a task; None if it is not tracked."""
        key = id(task)
        return self.step.task_states.get(key) or self._python_task_states.get(key)

    def cause_of(self, handle: RecordedHandle, arguments: Sequence[Any]) -> int:
        """Return the job to which is due what a callback does.

        The one whose task has ended, if this is a done-callback; else the one that scheduled
        the callback, or `NOBODY`.
        """
        step = self.step
        step.ended_task = None
        if arguments:
            # by its identity alone: what is there and has that of a tracked task is that task
            key = id(arguments[0])
            ended = step.task_states.get(key) or self._python_task_states.get(key)
            if ended is not None:
                step.ended_task = ended
                if ended.cause != NOBODY:
                    return ended.cause
        return handle.waker

    def note_cancellation(self, task: Any, at_ns: int, *, is_first: bool) -> None:
        """Record that a task was cancelled at a time, for each job that it carries out."""
        try:
            state = self.track(task)
            jobs = state.jobs
            if jobs and ends_in_its_group(task):
                return
            state.is_cancelled = True
            # Of several jobs in one task, each sees the `CancelledError`: the inner one first.
            if not jobs:
                return
            running: Any = _get_running_loop()
            is_recorded = getattr(running, "recorder", None) is self.recorder
            how, by = canceller(
                running if is_recorded else None,
                in_program=running is None and self.recorder.is_thread_of_program(),
            )
            self._write_cancellation(jobs, at_ns, how, by, is_first=is_first)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def note_unseen_cancellation(self, handle: RecordedHandle | None, state: TaskState) -> None:
        """Record that a task whose `cancel` was not seen turns out to be cancelled.

        What wakes it up is the cancelled future that it waited for. For a task that was ready
        anyway it counts from the beginning of its step, and who did it is not known. There is no
        handle where that shows at the end of its last step only: `asyncio.Task.cancel(task)` of a
        `RecordedTask` does so.
        """
        state.is_cancelled = True
        at_ns, by = self.step.start_ns, NOBODY
        woken_by = handle._args[0] if handle is not None and handle._args else None
        if handle is not None and asyncio.isfuture(woken_by) and woken_by.cancelled():
            at_ns, by = handle.ready_ns, handle.waker
        how = Canceller.UNKNOWN if by == NOBODY else Canceller.JOB
        self._write_cancellation(state.jobs, at_ns, how, by, is_first=True)

    def _write_cancellation(
        self, jobs: Sequence[int], at_ns: int, how: Canceller, by: int, *, is_first: bool
    ) -> None:
        for job in jobs:
            self.step.write(pack_row(CANCELLED, job, int(is_first), at_ns, at_ns, how, by))

    def note_uncancellation(self, task: Any) -> None:
        """Record that a task has taken back every cancellation of it."""
        try:
            state = self.state_of(task)
            if state is None or not state.is_cancelled:
                return
            state.is_cancelled = False
            now = self.step.clock()
            for job in state.jobs:
                self.step.write(pack_row(UNCANCELLED, job, 0, now, now, NOTHING, NOBODY))
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)

    def final_outcome(self, task: asyncio.Task[Any], state: TaskState) -> int:
        """Return how the job of a task that is done ended; it is remembered while the task is."""
        if state.job == NOBODY:
            return NOTHING
        outcome = state.outcome
        if not outcome:
            # Its mark has noted nothing: it was cancelled before its first step, or its coroutine
            # was closed. The task shows that, so the death of the coroutine must not be noted as
            # well.
            self.recorder.unbegun.pop(state.root, None)
            outcome = Then.CANCELLED if task.cancelled() else Then.LOST
        if outcome == Then.CANCELLED and not state.is_cancelled and task.cancelling():
            self.note_unseen_cancellation(None, state)
        return outcome

    def wait_of(self, task: asyncio.Task[Any], waiter: Any) -> int:
        """Return where and on what a suspended task waits, as a row's detail."""
        # The coroutines come first: a sleep and a connection are futures, too.
        site, on = self._sites.of_suspended(task.get_coro())
        if LOCK <= on <= BARRIER and on != EVENT:
            self.holders.note_wait(task.get_coro(), waiter, self.step)
        elif on == NOTHING:
            if isinstance(waiter, CTask) or is_task(waiter):
                on = Then.TASK
            # by identity: futures of asyncio have neither `__eq__` nor `__hash__` of their own
            elif waiter in self._from_executors or stands_for_a_call(waiter):
                on = Then.EXECUTOR
            else:
                on = Then.FUTURE
        return site << DETAIL_BITS | on

    def after_step(self, task: Any, state: TaskState) -> int:
        """Return what has become of a task at the end of its step, as a row's detail."""
        if task.done():
            return self.final_outcome(task, state)
        # without one the task has scheduled itself again, by a bare `yield` as of `sleep(0)`
        waiter = task._fut_waiter
        return YIELDED if waiter is None else self.wait_of(task, waiter)
