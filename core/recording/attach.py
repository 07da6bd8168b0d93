"""Attaching from outside: whichever loop runs while a program is recorded becomes a recording one.

Every loop of asyncio calls `asyncio.events._set_running_loop` when it begins to run, whoever made
it: `asyncio.run`, `Runner`, a `loop_factory`, a thread. A loop of asyncio then gets a class that
records; any other loop runs as it is, and of its jobs only beginnings and ends are known.
Source: CPython, `run_forever` in `Lib/asyncio/base_events.py`.
"""

import asyncio
from asyncio import events
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from .loop import LoopRecording, RecordingLoop
from .recorder import Recorder

SEEN_BY_METHOD = (
    *("call_soon", "call_soon_threadsafe", "call_at", "create_task", "run_in_executor"),
    *("run_forever", "_add_callback"),
)
"""What a recording loop does in its own way; a loop that does it in another is left alone."""


@contextmanager
def recorded_loops(recorder: Recorder) -> Iterator[None]:
    """Record into a recorder whatever loops run meanwhile, in any thread."""
    set_running_loop = events._set_running_loop  # noqa: SLF001

    def set_recorded_loop(loop: Any) -> None:
        if loop is not None:
            try:
                _record(loop, recorder)
            except Exception as error:  # noqa: BLE001 - the program must not see it
                recorder.give_up(error)
        set_running_loop(loop)

    events._set_running_loop = set_recorded_loop  # noqa: SLF001
    try:
        yield
    finally:
        events._set_running_loop = set_running_loop  # noqa: SLF001


def _record(loop: Any, recorder: Recorder) -> None:
    if isinstance(loop, LoopRecording):
        return
    recording = recording_class(cast("Any", type(loop)))
    if recording is None:
        return
    own, before_s = type(loop), loop.time()
    loop.__class__ = recording
    try:
        loop.record_into(recorder)
        loop.take_over(loop.time() - before_s)
    except Exception:
        loop.__class__ = own
        raise
    loop.begin_turn()


@cache
def recording_class(kind: Any) -> type | None:
    """Return the class of a loop that records and is otherwise of a kind; None if there is none.

    A loop that is not made of asyncio's parts, or replaces the very methods by which steps are
    seen, has none.
    """
    if not issubclass(kind, asyncio.BaseEventLoop):
        return None
    if any(_is_its_own(kind, name) for name in SEEN_BY_METHOD):
        return None
    attributes: dict[str, object] = {"__module__": kind.__module__}
    if not _is_its_own(kind, "time"):
        attributes["time"] = RecordingLoop.time
    recording = type(kind.__name__, (LoopRecording, kind), attributes)
    recording.__qualname__ = kind.__qualname__
    return recording


def _is_its_own(kind: type, name: str) -> bool:
    """Return whether a loop's class takes a method from elsewhere than asyncio."""
    owner = next((each for each in kind.__mro__ if name in vars(each)), asyncio.BaseEventLoop)
    return owner.__module__.partition(".")[0] != "asyncio"
