"""Tasks of a pattern's own coroutine as its jobs, where what it does around the work counts, too.

A pattern that takes a lock around `job(index)` waits for it outside of that coroutine. Where it
asks for it, each task of one of its own functions is a job, from its creation to its end. The job
that it is given is bare then, and its number is the task's `index`.
"""

from collections.abc import Callable, Coroutine
from types import CodeType, CoroutineType
from typing import Any

from .events import NOBODY, Birth, Then
from .loop import LoopRecording
from .recorder import JobError, Recorder
from .tasks import TaskState
from .texts import retained

INDEX = "index"


class TaskJobs:
    """The jobs of a run that are tasks: it gives the numbers of their coroutines."""

    def __init__(self, pattern: Callable[..., object], recorder: Recorder) -> None:
        """Let tasks of the functions that stand in a pattern and take an `index` be its jobs."""
        constants = pattern.__code__.co_consts
        self._codes = [
            each
            for each in constants
            if isinstance(each, CodeType) and INDEX in each.co_varnames[: each.co_argcount]
        ]
        self._numbers: dict[int, int] = {}
        self._recorder = recorder
        recorder.root_job = self.number_of

    def is_job(self, coroutine: Any) -> bool:
        """Return whether a task of this coroutine is a job."""
        return type(coroutine) is CoroutineType and coroutine.cr_code in self._codes

    def begin(self, coroutine: Any, by: int) -> None:
        """Record that a job exists if a coroutine, of which a task is made now, is one."""
        if self.is_job(coroutine):
            index = coroutine.cr_frame.f_locals[INDEX]
            number = self._recorder.create(index, Birth.COROUTINE, by=by)
            self._numbers[id(coroutine)] = number

    def number_of(self, coroutine: Any) -> int:
        """Return the number of the job that a coroutine is, or `NOBODY`."""
        return self._numbers[id(coroutine)] if self.is_job(coroutine) else NOBODY


class TaskJobRecording(LoopRecording):
    """A recording loop whose jobs are tasks, as `jobs` says."""

    jobs: TaskJobs

    def create_task(self, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        """As the base class; the task may be a job from now on."""
        try:
            self.jobs.begin(coro, self.step.cause)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self.give_up(error)
        try:
            return super().create_task(coro, **kwargs)
        finally:
            del coro  # or the traceback of its exception, which keeps this frame, would

    def final_outcome(self, task: Any, state: TaskState) -> int:
        """As the base class, by what the task itself says of its end."""
        if state.root != NOBODY and not state.outcome:
            state.outcome = outcome_of(task, state.root, self.recorder)
        return super().final_outcome(task, state)


def outcome_of(task: Any, number: int, recorder: Recorder) -> int:
    """Return how a task that is a job ended, and record its result or its error."""
    if task.cancelled():
        return Then.CANCELLED
    # not `exception()`, which would count as somebody having asked for it
    if (error := task._exception) is not None:
        recorder.errors[number] = JobError.of(error)
        return Then.FAILED
    recorder.results[number] = retained(task._result)
    return Then.OK


def with_task_jobs(loop: Any, jobs: TaskJobs) -> Any:
    """Let a recording loop that has not run yet have tasks as its jobs."""
    kind = type(loop)
    loop.__class__ = type(kind.__name__, (TaskJobRecording, kind), {"__module__": kind.__module__})
    loop.jobs = jobs
    return loop
