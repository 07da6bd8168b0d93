"""The patterns: each file holds one function, written as a teacher would write it.

To add one, write its file and name it in `PATTERNS`; see docs/add-a-pattern.md.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.jobs import JobKind
from core.patterns.blocking_loop import blocking_loop
from core.patterns.create_task import create_task
from core.patterns.gather import gather
from core.patterns.gather_results import gather_results
from core.patterns.run_in_executor import run_in_executor
from core.patterns.sequential import sequential
from core.patterns.task_group import task_group
from core.patterns.threads import threads


class AtOnce(StrEnum):
    """How many jobs a pattern lets proceed at the same time, when nothing else holds them up."""

    ONE = "one"
    ALL = "all"
    WORKERS = "workers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern and what must be known to run, to limit and to predict it."""

    function: Callable[..., Any]
    arranges: JobKind
    at_once: AtOnce
    thread_per_job: bool = False

    @property
    def name(self) -> str:
        """The pattern's name: that of its function and of its file."""
        return self.function.__name__

    @property
    def uses_loop(self) -> bool:
        """Whether the pattern is a coroutine function, which needs an event loop."""
        return inspect.iscoroutinefunction(self.function)

    @property
    def takes_executor(self) -> bool:
        """Whether the pattern hands its jobs to an executor that its caller chooses."""
        return self.at_once is AtOnce.WORKERS

    @property
    def summary(self) -> str:
        """The first line of what the pattern's file says about itself."""
        return (inspect.getdoc(inspect.getmodule(self.function)) or "").partition("\n")[0]

    @property
    def source(self) -> str:
        """The text of the function, exactly as it runs."""
        return inspect.getsource(self.function)


PATTERNS = {
    pattern.name: pattern
    for pattern in (
        Pattern(function=sequential, arranges=JobKind.COROUTINE, at_once=AtOnce.ONE),
        Pattern(function=create_task, arranges=JobKind.COROUTINE, at_once=AtOnce.ALL),
        Pattern(function=gather, arranges=JobKind.COROUTINE, at_once=AtOnce.ALL),
        Pattern(function=gather_results, arranges=JobKind.COROUTINE, at_once=AtOnce.ALL),
        Pattern(function=run_in_executor, arranges=JobKind.BLOCKING, at_once=AtOnce.WORKERS),
        Pattern(function=task_group, arranges=JobKind.COROUTINE, at_once=AtOnce.ALL),
        Pattern(
            function=threads,
            arranges=JobKind.BLOCKING,
            at_once=AtOnce.ALL,
            thread_per_job=True,
        ),
        Pattern(function=blocking_loop, arranges=JobKind.BLOCKING, at_once=AtOnce.ONE),
    )
}
