"""Callbacks of a loop: which of them run a task, and which timers only wake somebody up."""

import asyncio
from asyncio import futures
from functools import partial
from pathlib import PurePath
from types import BuiltinMethodType, CodeType
from typing import Any, cast

_WAKEUPS = frozenset({"task_wakeup", "TaskWakeupMethWrapper", "__step", "__wakeup"})
"""What CPython names the callbacks that run a task, but for the wrapper that has no name."""
_ASYNCIO = str(PurePath(asyncio.__file__).parent)
END_OF_SLEEP: Any = futures._set_result_unless_cancelled


def _type_of_c_steps() -> type:
    """Return the type of the callback by which a C task schedules its steps; it has no name."""
    scheduled: list[Any] = []

    class Loop:
        def get_debug(self) -> bool:
            return False

        def call_soon(self, callback: object, **_: object) -> None:
            scheduled.append(callback)

    async def nothing() -> None:
        pass

    coroutine = nothing()
    task = asyncio.Task(coroutine, loop=cast("Any", Loop()))
    coroutine.close()
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
    code = getattr(callback, "__code__", None)
    return isinstance(code, CodeType) and code.co_filename.startswith(_ASYNCIO)
