"""A run of trio: a loop with a lane of its own, on which each task is a job.

trio calls an instrument when a task is made, when it can run, before and after each of its steps,
and when it ends. So nothing of the program is touched: the instrument is one more in its run, and
an instrument that raises would be removed with a line in the log, so none of these methods does.
Three things trio does not tell, and they are read where it has them: a task's outcome, which is in
the call that ends it; the scope that has cancelled it; and whether its wake-up is a cancellation.
Source: trio, `Runner.task_exited`, `CancelStatus` and `Task._attempt_abort` in `_core/_run.py`.

Nothing in here imports trio: it is there once there is a run of it.
"""

import sys
import threading
import weakref
from collections.abc import Callable
from os.path import dirname
from types import CodeType, FrameType
from typing import Any

from .events import DETAIL_BITS, KIND_BITS, NOBODY, Birth, Canceller, Kind, Then, pack_row
from .handles import IDLE, NOTHING, NS_PER_S, YIELDED
from .interference import Turns, turns_of
from .recorder import JobError, Recorder, ignore
from .sites import NO_SITE
from .texts import MAX_NAME, bounded, coroutine_name, retained
from .tracking import Step

FUTURE = int(Then.FUTURE)
CANCELLED = int(Kind.CANCELLED)
OF_TRIO = {"Runner.init", "EntryQueue.task"}
"""The tasks with which trio itself runs the program's: nobody's jobs."""
ENDS_TASK = "task_exited"


class TrioTask:
    """What is known of a task.

    Attributes:
        job: Its number, or `NOBODY` for one of trio's own.
        ready_ns: Since when it can run; 0 while it waits.
        waker: The job that made it ready, or `NOBODY`.
        outcome: How it ended, once it has.
        cancelled: By which scope it was cancelled last: when, how, and by which job.
    """

    __slots__ = ("cancelled", "job", "outcome", "ready_ns", "waker")

    def __init__(self, job: int, ready_ns: int, waker: int) -> None:
        self.job = job
        self.ready_ns = ready_ns
        self.waker = waker
        self.outcome = NOTHING
        self.cancelled: Cancellation | None = None


class Cancellation:
    """A cancellation as a task sees it first: a scope goes on to cancel each of its waits."""

    __slots__ = ("at_ns", "by", "how", "scope")

    def __init__(self, scope: Any, at_ns: int, how: int, by: int) -> None:
        # weakly: it must be freed as without a recorder
        self.scope = weakref.ref(scope)
        self.at_ns = at_ns
        self.how = how
        self.by = by


class TrioRun:
    """An instrument that records one run; its public methods are those that trio calls."""

    def __init__(self, recorder: Recorder) -> None:
        """Record into a recorder from the beginning of a run, or from `join` on."""
        self.recorder = recorder
        self.step = Step(recorder.clock, recorder.write)
        self.lane = 0
        self.thread = 0
        self.turns: Turns | None = None
        self._sites = recorder.sites
        self._tasks: dict[Any, TrioTask] = {}
        self._running: TrioTask | None = None
        self._then: Callable[[], object] | None = None
        self._cancelled_in_step: list[Cancellation] = []
        trio = sys.modules["trio"]
        self._cancelled_type = trio.Cancelled
        self._trio = trio.lowlevel
        self._folder = dirname(str(trio.__file__))  # noqa: PTH120 - as each code object has it
        self._clock: Any = None
        self._has_our_time = False

    def _give_up(self, error: BaseException) -> None:
        self.step.write = ignore
        self.recorder.give_up(error)

    def before_run(self) -> None:
        """Take a lane: the run begins, in the thread that goes on with it."""
        try:
            self._begin()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def _begin(self) -> None:
        recorder = self.recorder
        recorder.loop_kinds.add("trio")
        self.thread = threading.get_ident()
        self.lane = recorder.lane_of_new_loop(self)
        self.step.on_lane(self.lane)
        self.turns = turns_of(self.lane, recorder)
        # Deadlines are by the clock of the run. How long one has passed by ours is not known of a
        # clock of the program's own, such as one that jumps.
        self._clock = self._trio.current_clock()
        self._has_our_time = type(self._clock).__name__ == "SystemClock"

    def join(self, runner: Any, running: Any) -> None:
        """Record a run that goes on in this thread: its tasks that wait are jobs from now on."""
        self._begin()
        self.recorder.joined = True
        now_ns = self.step.clock()
        for task in runner.tasks:
            if task is running or task._next_send_fn is not None:
                continue  # a job from its next step on, as is one that can run
            state = self._tasks[task] = self._new_task(task, now_ns, None, NOBODY)
            state.ready_ns = 0
            if state.job != NOBODY:
                # as if its step had ended now: what it waits for shows in what it has suspended in
                detail = self._wait_of(task)
                kind = self.step.first_kind
                self.step.write(pack_row(kind, state.job, now_ns, now_ns, now_ns, detail, NOBODY))

    def after_run(self) -> None:
        """End the jobs of tasks that the run has left behind, as one that broke off does."""
        self.thread = 0
        for state in self._tasks.values():
            if state.job != NOBODY:
                self.recorder.end_job(state.job, Then.LOST)
        self._tasks.clear()

    def task_spawned(self, task: Any) -> None:
        """Record that there is a job more; it can run from now on."""
        try:
            at_ns, maker = self.step.clock(), maker_of(sys._getframe(1))
            self._tasks[task] = self._new_task(task, at_ns, maker, self.step.cause)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def _new_task(self, task: Any, at_ns: int, maker: FrameType | None, by: int) -> TrioTask:
        recorder, sites, coroutine = self.recorder, self._sites, task.coro
        code = coroutine.cr_code
        if self._is_of_trio(code):
            return TrioTask(NOBODY, at_ns, NOBODY)
        site = NO_SITE if maker is None else sites.of_running(maker)
        is_library = sites.is_of_library(code) and sites.made_by_library(maker) is not False
        number = recorder.create(None, Birth.COROUTINE, site, at_ns, by, is_library=is_library)
        recorder.coroutines[number] = coroutine_name(coroutine)
        recorder.names[number] = bounded(task.name, MAX_NAME)
        return TrioTask(number, at_ns, by)

    def _is_of_trio(self, code: CodeType) -> bool:
        return code.co_qualname in OF_TRIO and code.co_filename.startswith(self._folder)

    def task_scheduled(self, task: Any) -> None:
        """Note since when a task can run, and who made it so."""
        try:
            state = self._tasks.get(task)
            if state is None or state.ready_ns:
                return
            step = self.step
            state.ready_ns = step.clock()
            state.waker = step.cause
            error = getattr(task._next_send, "error", None)
            if type(error) is self._cancelled_type:
                self._note_cancellation(task, state)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def _note_cancellation(self, task: Any, state: TrioTask) -> None:
        """Note which scope cancels a task; at the end of a sleep that is the sleep's own."""
        step = self.step
        scope, owner = cancelling(task)
        if scope is None:
            return  # scopes that were left in another order than they were entered
        at_ns, how, by = state.ready_ns, Canceller.UNKNOWN, NOBODY
        if step.start_ns == IDLE:
            overdue_ns = self._overdue_ns(scope)
            if overdue_ns >= 0:
                # it could run since then, however late the loop has come to it
                at_ns = state.ready_ns = state.ready_ns - overdue_ns
                setter = self._tasks.get(owner)
                how, by = Canceller.TIMEOUT, NOBODY if setter is None else setter.job
        # What meets its cancellation in its own step was cancelled before, by whom is not known.
        elif self._running is not state and step.cause != NOBODY:
            how, by = Canceller.JOB, step.cause
        before = state.cancelled
        # A scope of the task's own ends in it, as that of each sleep does: it cancels no task.
        if owner is not task and (before is None or before.scope() is not scope):
            state.cancelled = Cancellation(scope, at_ns, how, by)
            if how == Canceller.JOB:
                self._cancelled_in_step.append(state.cancelled)

    def _overdue_ns(self, scope: Any) -> int:
        """Return for how long a scope's deadline has passed, 0 if not known; -1 if it has not."""
        overdue_s = self._clock.current_time() - scope.deadline
        if overdue_s < 0:
            return -1
        return int(overdue_s * NS_PER_S) if self._has_our_time else 0

    def before_task_step(self, task: Any) -> None:
        """Let a step begin."""
        try:
            step = self.step
            state = self._tasks.get(task)
            if state is None:
                now_ns = step.clock()
                state = self._tasks[task] = self._new_task(task, now_ns, None, NOBODY)
            self._running = state
            step.job = step.cause = state.job
            step.ready_ns = state.ready_ns
            step.waker = state.waker
            step.kind = step.first_kind
            state.ready_ns = 0
            # Last, since the watch reads a step from another thread: all else is there by now.
            step.start_ns = step.clock()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def after_task_step(self, task: Any) -> None:
        """Record a step, and what has become of its task."""
        step, state = self.step, self._running
        if state is None:
            return  # the recording began in the midst of it
        try:
            end_ns = step.clock()
            if state.job == NOBODY:
                detail = NOTHING
            elif state.outcome:
                detail = state.outcome
            # scheduled by its own step: a checkpoint, or a wait that is cancelled at once
            elif state.ready_ns:
                detail = YIELDED
            else:
                detail = self._wait_of(task)
            step.write(step.row_until(end_ns, detail))
            if self._cancelled_in_step:
                # A step's doing counts from its end, when a task that fails has failed.
                for each in self._cancelled_in_step:
                    each.at_ns = end_ns
                self._cancelled_in_step.clear()
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)
        step.start_ns = IDLE
        step.cause = NOBODY
        self._running = None
        if self._then is not None:
            then, self._then = self._then, None
            then()

    def after_this_step(self, coroutine: Any, then: Callable[[], object]) -> bool:
        """Call a function once the running step is recorded, if its task runs just a coroutine.

        The function must not raise. Returns whether it will be called.
        """
        is_its_task = self._running is not None and self._trio.current_task().coro is coroutine
        if is_its_task:
            self._then = then
        return is_its_task

    def _wait_of(self, task: Any) -> int:
        site, on = self._sites.of_suspended(task.coro)
        return site << DETAIL_BITS | (on or FUTURE)

    def task_exited(self, task: Any) -> None:
        """Note how a task ends; its step goes on for a moment."""
        try:
            state = self._tasks.pop(task, None)
            if state is not None and state.job != NOBODY:
                state.outcome = self._outcome(task, state)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def _outcome(self, task: Any, state: TrioTask) -> int:
        recorder, number = self.recorder, state.job
        # below this method, the one that trio calls, and `Instruments.call`
        frame = sys._getframe(3)
        if frame.f_code.co_name != ENDS_TASK:
            message = f"{frame.f_code.co_name} is not {ENDS_TASK} of trio"
            raise LookupError(message)
        told, runner = frame.f_locals["outcome"], frame.f_locals["self"]
        outcome = runner.main_task_outcome if task is runner.main_task else told
        error = getattr(outcome, "error", None)
        if error is None:
            recorder.results[number] = retained(outcome.value)
            return Then.OK
        if not self._is_cancelled(error):
            recorder.errors[number] = JobError.of(error)
            return Then.FAILED
        if (by := state.cancelled) is not None:
            self.step.write(pack_row(CANCELLED, number, 1, by.at_ns, by.at_ns, by.how, by.by))
        return Then.CANCELLED

    def _is_cancelled(self, error: BaseException) -> bool:
        """Return whether an error is trio's `Cancelled`, or a group of nothing else."""
        if type(error) in (BaseExceptionGroup, ExceptionGroup):
            return all(map(self._is_cancelled, error.exceptions))  # type: ignore[attr-defined]
        return type(error) is self._cancelled_type

    def before_io_wait(self, timeout: float) -> None:
        """Note that the run is idle; and leave it, in its own thread, if the recording is over."""
        try:
            if self.step.write is ignore:
                self._trio.remove_instrument(self)
            elif self.turns is not None:
                self.turns.before_wait(waits=timeout > 0)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def after_io_wait(self, timeout: float) -> None:
        """Note that the run goes on."""
        try:
            if self.turns is not None:
                self.turns.after_wait(waits=timeout > 0)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._give_up(error)

    def ready_rows(self, most: int | None = None) -> bytes:
        """Return a row for each job that could run while a step goes on; any thread may ask.

        A run of more than `most` tasks is not examined.
        """
        kind = self.lane << KIND_BITS | Kind.READY
        states = list(self._tasks.values())  # one call into C
        if most is not None and len(states) > most:
            return b""
        return b"".join(
            pack_row(kind, each.job, ready_ns, 0, 0, 0, each.waker)
            for each in states
            if (ready_ns := each.ready_ns) and each.job != NOBODY
        )


def maker_of(frame: FrameType) -> FrameType | None:
    """Return the frame from which on to look for who made a task.

    For the first task of a run it is that of the call which has begun the run, behind its steps.
    Source: trio, `Runner.init` calls `spawn_impl`, which calls the instruments.
    """
    spawn = frame.f_back
    init = None if spawn is None else spawn.f_back
    if init is None or init.f_code.co_qualname not in OF_TRIO:
        return frame
    return None if init.f_back is None else init.f_back.f_back


def cancelling(task: Any) -> tuple[Any, Any]:
    """Return the outermost scope that cancels a task now, and the task that has entered it."""
    owner, status = task, task._cancel_status
    found: tuple[Any, Any] = (None, None)
    while status is not None and status.effectively_cancelled:
        # a nursery's scope, and those around it, are its parent's
        while (nursery := owner.parent_nursery) is not None and nursery._cancel_status is status:
            owner = nursery.parent_task
        scope = status._scope
        if scope._cancel_called:
            found = scope, owner
        if scope.shield:
            break
        status = status._parent
    return found
