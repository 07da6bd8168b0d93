"""What a pattern is: a function that arranges jobs, and what must be known to predict its runs.

What a pattern takes stands in its signature: `job` and `count` for all, `executor`, `blocking_job`,
`limit`, `rate` and `timeout_s` for those that name them. What it does when a job fails is a fact of
the registry, since the ideal schedule follows from it.
"""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from core.jobs import JobKind

ALWAYS_GIVEN = ("job", "count")

source_of = cache(inspect.getsource)


class AtOnce(StrEnum):
    """How many jobs a pattern lets proceed at the same time, when nothing else holds them up."""

    ONE = "one"
    ALL = "all"
    WORKERS = "workers"
    LIMIT = "limit"
    SCHEDULED = "by its schedule"
    """As many as the pattern's own `schedule` says."""


class OnFailure(StrEnum):
    """What a pattern does when one of its jobs fails."""

    RAISES = "raises"
    """It ends with the error at once; coroutines that are left over are cancelled after it."""
    WAITS = "waits"
    """It cancels the other jobs, waits for them and ends with the error."""
    IN_TURN = "in turn"
    """It ends with the error when it comes to the job that failed."""
    GOES_ON = "goes on"
    """It sees all jobs through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern and what must be known to run, to limit and to predict it."""

    function: Callable[..., Any]
    at_once: AtOnce = AtOnce.SCHEDULED
    schedule: Callable[[Any], None] | None = None
    """Plans its jobs where they do not all have the same kind of place: it is called with a
    `core.spec.ideal.Planning`, to which it adds them in the order of their index."""
    has_ideal: bool = True
    """Whether anybody can say what would be best. Otherwise no ideal is shown and no overhead told,
    and what `at_once` or `schedule` say is the most that it can take, by which runs are limited."""
    arranges: JobKind = JobKind.COROUTINE
    on_failure: OnFailure = OnFailure.RAISES
    thread_per_job: bool = False
    process_per_job: bool = False
    most_tasks: int | None = None
    """How many jobs it arranges at most, where more would take too much of the machine."""
    gives_up_after: float = 0.5
    """After how many times the length of a job it gives up, if it does and nobody says when."""
    makes_loop: bool = False
    debugs: bool = False
    cancels_at_timeout: bool = True
    """Whether jobs that are not done at its time-out are cancelled or, in a pool, no more begun."""
    asks_again: bool = False
    """Whether it asks a service again that has refused: then there is a rate to be refused by."""
    tasks_are_jobs: bool = False
    """Whether its jobs are the tasks of its own functions that take an `index`, with what they wait
    for around the work, and not the work alone."""
    tells_by_results: bool = False
    """Whether it returns what it has seen, and not what its jobs return."""
    least_python: tuple[int, int] | None = None
    """The first version of Python that has what it uses; None where all that are supported do."""

    @property
    def runs_here(self) -> bool:
        """Whether this version of Python has what it uses."""
        return self.least_python is None or sys.version_info >= self.least_python

    @property
    def needs_python(self) -> str | None:
        """The first version of Python that has what it uses, as people write it."""
        return None if self.least_python is None else ".".join(map(str, self.least_python))

    @property
    def name(self) -> str:
        """The pattern's name: that of its function and of its file."""
        return self.function.__name__

    @property
    def is_coroutine(self) -> bool:
        """Whether the pattern is a coroutine function, which is run in an event loop."""
        return inspect.iscoroutinefunction(self.function)

    @property
    def uses_loop(self) -> bool:
        """Whether an event loop takes part: one that the pattern is run in, or that it makes."""
        return self.is_coroutine or self.makes_loop

    @property
    def extras(self) -> tuple[str, ...]:
        """What the pattern asks for beside its job and their count, by the names it gives them."""
        names = inspect.signature(self.function).parameters
        return tuple(name for name in names if name not in ALWAYS_GIVEN)

    @property
    def takes_executor(self) -> bool:
        """Whether the pattern hands its jobs to an executor that its caller chooses."""
        return "executor" in self.extras

    @property
    def takes_limit(self) -> bool:
        """Whether its caller says how many jobs may proceed at a time."""
        return "limit" in self.extras

    @property
    def takes_rate(self) -> bool:
        """Whether its caller says how many jobs may begin in a second."""
        return "rate" in self.extras

    @property
    def takes_timeout(self) -> bool:
        """Whether its caller says after how long it gives up."""
        return "timeout_s" in self.extras

    @property
    def takes_both_kinds(self) -> bool:
        """Whether it arranges blocking jobs beside its coroutines."""
        return "blocking_job" in self.extras

    @property
    def summary(self) -> str:
        """The first line of what the pattern's file says about itself."""
        return (inspect.getdoc(inspect.getmodule(self.function)) or "").partition("\n")[0]

    @property
    def source(self) -> str:
        """The text of the function, exactly as it runs."""
        return source_of(self.function)
