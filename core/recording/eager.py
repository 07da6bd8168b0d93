"""Eager tasks that are made by their constructor: when they first suspend (Python 3.12 and newer).

`asyncio.Task(coroutine, eager_start=True)` runs the first step in itself, in C, past every method
of the loop. The job's mark tells when the job begins; when its coroutine yields for the first
time, `sys.monitoring` tells, for the mark's code alone and only while such a task runs.
Source: CPython, `task_eager_start` in `Modules/_asynciomodule.c`; PEP 669.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from .task_state import TaskState

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
