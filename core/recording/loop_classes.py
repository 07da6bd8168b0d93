"""The classes of recorded loops: each is a class of the program, with methods that record."""

import asyncio
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

SEEN_BY_METHOD = (
    *("call_soon", "call_soon_threadsafe", "call_at", "create_task", "run_in_executor"),
    *("run_forever", "_add_callback"),
)
"""What a recording loop does in its own way; a loop that does it in another is left alone."""
OTHER_CLASSES: list[Callable[[Any, type], type | None]] = []
"""What makes classes, as `recording_class` does, of loops not built from asyncio's parts."""


def class_for(kind: type, base: type, clock: Callable[[Any], float]) -> type | None:
    """Return the class of a loop that records, whatever it is built from; None if there is none."""
    found = recording_class(kind, base, clock)
    others = (make(kind, base) for make in OTHER_CLASSES if found is None)
    return found or next(filter(None, others), None)


@cache
def recording_class(kind: Any, base: type, clock: Callable[[Any], float]) -> type | None:
    """Return the class of a loop that records and is otherwise of a kind; None if there is none.

    `base` brings the methods that record, and `clock` is the time of a loop without its own.

    A loop that is not made of asyncio's parts, or replaces the very methods by which steps are
    seen, has none here; see `OTHER_CLASSES`.
    """
    if not issubclass(kind, asyncio.BaseEventLoop):
        return None
    if any(is_its_own(kind, name) for name in SEEN_BY_METHOD):
        return None
    attributes: dict[str, object] = {"__module__": kind.__module__}
    # A loop with a clock of its own, such as a virtual one, keeps it.
    if not is_its_own(kind, "time"):
        attributes["time"] = clock
    recording = type(kind.__name__, (base, kind), attributes)
    recording.__qualname__ = kind.__qualname__
    _describe_as(kind, recording)
    return recording


def _describe_as(kind: type, recording: type) -> None:
    """Let the methods that record have the signatures and the help of those that they replace."""
    for each in recording.__mro__[: recording.__mro__.index(kind)]:
        for name, method in vars(each).items():
            replaced: Any = getattr(kind, name, None)
            if isinstance(method, FunctionType) and isinstance(replaced, FunctionType):
                method.__doc__ = replaced.__doc__
                # by which a call with wrong arguments is refused
                method.__qualname__ = replaced.__qualname__
                # what `inspect.signature` goes by
                method.__dict__["__wrapped__"] = replaced


def is_its_own(kind: type, name: str, package: str = "asyncio") -> bool:
    """Return whether a loop's class takes a method from elsewhere than the package of loops."""
    owner = next((each for each in kind.__mro__ if name in vars(each)), asyncio.BaseEventLoop)
    return owner.__module__.partition(".")[0] != package
