"""Which job the running step of a loop is for: steps are cut where jobs begin and end in them.

There the step's row ends (`STEP`) and another begins (`MORE`). So spans of jobs are exact, and the
pieces join to the loop's steps.

An eager task that is made by its constructor (`asyncio.Task(coroutine, eager_start=True)`, Python
3.12 and newer) runs its first step in there, in C, past every method of the loop. The job's mark
notes when the job begins; when its coroutine yields for the first time, `sys.monitoring` calls, for
the mark's code alone and only while such a task runs.
Source: CPython, `task_eager_start` in `Modules/_asynciomodule.c`; PEP 669.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from .events import NOBODY, UNKNOWN, Then
from .handles import IDLE, NOTHING
from .tasks import TaskState
from .tracking import TaskTracking

NAME = "loopscope"


@dataclass(slots=True)
class EagerStart:
    """An eager task inside of a step, and when it suspended, if it has.

    `creator` is the job whose step it is, `cause` the one to which is due what that step does.
    """

    state: TaskState
    creator: int
    cause: int
    suspended_ns: int | None = None


class YieldWatch:
    """Calls back when code yields, as long as it is watched; without `sys.monitoring`, never."""

    def __init__(self, code: CodeType, on_yield: Callable[[], object]) -> None:
        self._code = code
        self._on_yield = on_yield
        self._tool: int | None = None
        self._watchers = 0

    def begin(self) -> None:
        """Watch the code from now on, if a tool of `sys.monitoring` is free."""
        self._watchers += 1
        monitoring = _monitoring()
        if monitoring is None or self._tool is not None:
            return
        # 0, 1 and 2 are named for debuggers, coverage and profilers, 5 for optimisers (PEP 669)
        free = [tool for tool in (3, 4, 2, 1, 0) if monitoring.get_tool(tool) is None]
        if not free:
            return
        self._tool = free[0]
        monitoring.use_tool_id(self._tool, NAME)
        event = monitoring.events.PY_YIELD
        monitoring.register_callback(self._tool, event, lambda *_: self._on_yield())
        monitoring.set_local_events(self._tool, self._code, event)

    def end(self) -> None:
        """Watch no longer, and give the tool back once nobody watches."""
        self._watchers -= 1
        monitoring = _monitoring()
        if self._watchers:
            return
        if monitoring is not None and self._tool is not None:
            monitoring.set_local_events(self._tool, self._code, 0)
            monitoring.register_callback(self._tool, monitoring.events.PY_YIELD, None)
            monitoring.free_tool_id(self._tool)
            self._tool = None


def _monitoring() -> Any:
    return getattr(sys, "monitoring", None)


FUTURE = int(Then.FUTURE)
OF_INTERRUPTED = ("job", "cause", "waker", "task", "due_ns", "timer_of", "ended_task", "eager")
"""What of a step holds again when it goes on after a run of its loop inside of it."""
DRIVES = -2
"""Stands before the jobs in `TaskState.outer` that a task drives in turn: no job's number."""


class JobSteps(TaskTracking):
    """The part of a recording loop that job marks call when jobs begin and end."""

    _creating: Any = None
    """The coroutine of which `create_task` makes a task now."""
    _driving: TaskState | None = None
    """The task that drives a job by hand in the running step, one of several."""
    _interrupted: tuple[dict[str, Any], ...] = ()
    """The steps, the outer one first, inside of which the loop runs once more."""

    def _setter_of_timer(self) -> int:
        """Return who sets a timer where no job does: the pattern, or nobody who is known."""
        step = self.step
        if step.timer_of is not None:
            return step.timer_of
        if step.start_ns != IDLE and step.task is None and step.ended_task is None:
            return UNKNOWN
        return NOBODY

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
            # A callback has no task that could remember which job calls which: the stack does.
            is_called = step.job not in (NOBODY, number) and step.job == self.recorder.job_around()
            self._cut(number, Then.JOB if is_called else FUTURE)
            return
        state = self.track(task, step.cause)
        # `create_task` settles the eager start of a task that it makes; it knows when it is back.
        if state is not step.task and task.get_coro() is not self._creating:
            self._begin_eager(state)
        if state.job not in (NOBODY, number) and state.job != self.recorder.job_around():
            # That job waits somewhere else; the code that drives it by hand drives this one now.
            self._cut(NOBODY, FUTURE)
            state.carry_out(NOBODY, (DRIVES, *state.jobs))
        if DRIVES in state.outer:
            self._drive(state)
            state.carry_out(number, state.outer)
        elif state.job != number:
            state.carry_out(number, (*state.outer, state.job))
        # The job's first piece has waited for the loop as long as the step has.
        ready_ns = step.ready_ns
        self._cut(number, Then.JOB)
        step.ready_ns = ready_ns

    def end_job(self, number: int, then: int) -> None:
        """Note how a job ended; the rest of the running step is no longer its own."""
        step = self.step
        state = step.task
        # the usual case: the row of this very step will have the outcome, so nothing is cut
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
                self._cut(self.recorder.job_around(), then)
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
                left = tuple(job for job in state.outer if job != number)
                state.carry_out(state.job, () if left == (DRIVES,) else left)
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

    def _drive(self, state: TaskState) -> None:
        """Let the job that begins have the step until another begins or ends in it, no longer.

        Which of several jobs a task drives in its later steps is not seen, so those are nobody's.
        """
        self._driving = state
        # so that the step settles this, too, at its end
        self.step.eager = self.step.eager or []

    def _leave_driven(self, now_ns: int) -> None:
        state, self._driving = self._driving, None
        if state is None or state.job == NOBODY:
            return
        if self.step.job == state.job:
            self._cut(NOBODY, FUTURE, at_ns=now_ns)
        state.carry_out(NOBODY, (*state.outer, state.job))

    def settle_eager(self, now_ns: int) -> None:
        """Give the running step back to the job whose eager tasks have suspended since.

        Or to nobody, where a task drives several jobs by hand.
        """
        step = self.step
        self._leave_driven(now_ns)
        starts: list[EagerStart] = step.eager or []
        # the innermost first: eager tasks start within one another, and each suspends before
        # the one that started it goes on
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

    def note_run_inside(self) -> None:
        """Interrupt the running step for a run of its loop inside of it; or go on with it.

        asyncio forbids such runs. nest_asyncio, of which debuggers have copies, makes the loop the
        running one once more as one begins, and again as it ends.
        """
        step, now = self.step, self.step.clock()
        if step.start_ns != IDLE:
            if step.eager is not None:
                self.settle_eager(now)
            step.write(step.row_until(now, NOTHING if step.job == NOBODY else FUTURE))
            self._interrupted = (
                *self._interrupted,
                {name: getattr(step, name) for name in OF_INTERRUPTED},
            )
            step.start_ns, step.due_ns, step.timer_of, step.eager = IDLE, 0, None, None
        elif self._interrupted:
            *outer, goes_on = self._interrupted
            self._interrupted = tuple(outer)
            for name, value in goes_on.items():
                setattr(step, name, value)
            step.kind = step.first_kind
            step.ready_ns = step.start_ns = now

    def _cut(self, next_job: int, then: int, *, at_ns: int | None = None) -> None:
        piece = self.step
        if piece.start_ns == IDLE:
            return
        # The next piece begins in the nanosecond in which this one ends: nothing lies between.
        now = self.step.clock() if at_ns is None else at_ns
        self.step.write(piece.row_until(now, then))
        piece.kind = piece.more_kind
        piece.job = piece.cause = next_job
        piece.ready_ns = piece.start_ns = now
