"""What a recording loop knows of each task while it lives."""

import asyncio
import weakref
from asyncio import tasks
from typing import Any

from .events import NOBODY, Then

NOTHING = int(Then.NOTHING)
CTask = asyncio.Task
PyTask: Any = getattr(tasks, "_PyTask", asyncio.Task)
"""Tasks written in Python, which programs may ask for; they are no `asyncio.Task` of C."""


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
        told: Whether it has been told that it is cancelled, and has not taken it back.
        created_by: The job in whose step the task was made, or `NOBODY`.
        cause: The job to which is due what the task does: the one that it carries out, else the one
            that made it, or `NOBODY` if it is the pattern's.
    """

    __slots__ = ("cause", "created_by", "job", "key", "outcome", "outer", "root", "told")

    key: int
    root: int
    job: int
    outer: tuple[int, ...]
    outcome: int
    told: bool
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
    state.key = key
    state.root = root
    state.created_by = created_by
    state.job = root
    state.outer = ()
    state.cause = created_by if root == NOBODY else root
    state.outcome = NOTHING
    state.told = False
    return state


def is_task(owner: Any) -> bool:
    """Return whether an object is a task of asyncio, written in C or in Python."""
    return isinstance(owner, (CTask, PyTask))
