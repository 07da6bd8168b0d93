"""What a recorded pool sends to Dask workers. It travels by value: they need not have this code."""

import hashlib
import inspect
import io
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from types import ModuleType
from typing import Any

from .clocks import clock_identity
from .transcript import LineStream, text_stream
from .work import Row, timed_work

ROW, LINE = "row", "line"
"""What a message from a worker tells: `(ROW, where, row)` or `(LINE, where, (time, text))`."""

Where = tuple[str, str, str]
"""A worker: its address, its host's name and the identity of its clock."""

PROJECT = __name__.partition(".")[0]
LOCK_TYPE = type(threading.Lock())


class ByValue:
    """A function that can be pickled with its code, and is itself again when it is unpickled."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Pickle a function, and what it needs of this project and of its own module, by value."""
        self.payload = pickled_by_value(function)

    def __call__(self) -> None:
        """Fail: only what comes out at the other end can be called."""
        raise TypeError("this function has not been unpickled yet")

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[bytes]]:
        """Unpickle as the function."""
        import cloudpickle  # noqa: PLC0415 - third parties are imported on first use

        return cloudpickle.loads, (self.payload,)


def pickled_by_value(function: Callable[..., Any]) -> bytes:
    """Return a function as bytes that a process without this project can unpickle.

    What a module keeps for each thread, and its locks, are made anew there.
    """
    import cloudpickle  # noqa: PLC0415

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, threading.local):
                return type(obj), ()
            if isinstance(obj, LOCK_TYPE):
                return threading.Lock, ()
            return super().reducer_override(obj)

    file = io.BytesIO()
    with _by_value(inspect.getmodule(_innermost(function)), sys.modules[PROJECT]):
        Pickler(file).dump(function)
    return file.getvalue()


@contextmanager
def _by_value(*modules: ModuleType | None) -> Iterator[None]:
    """Let what belongs to some modules, and to those inside of them, be pickled with its code."""
    import cloudpickle  # noqa: PLC0415

    known = cloudpickle.list_registry_pickle_by_value()
    new = {module for module in modules if module and module.__name__ not in known}
    for module in new:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in new:
            cloudpickle.unregister_pickle_by_value(module)


def _innermost(function: Callable[..., Any]) -> Callable[..., Any]:
    if isinstance(function, RemoteJob):
        function = function.job
    while isinstance(function, partial):
        function = function.func
    return function


class RemoteJob:
    """A job as a worker does it: it reports to a topic of the scheduler what it does."""

    def __init__(self, topic: str, job: Callable[..., object]) -> None:
        self.topic = topic
        self.job = job

    def __call__(self, number: int, args: tuple[Any, ...], named: dict[str, Any]) -> object:
        """Do the job; what it prints is reported instead."""
        from distributed import get_worker  # noqa: PLC0415

        worker = get_worker()
        where = worker.address, platform.node(), clock_identity()

        def report(what: str, content: object) -> None:
            worker.log_event(self.topic, (what, where, content))

        def line(text: str) -> None:
            report(LINE, (time.perf_counter_ns(), text))

        def row(values: Row) -> None:
            report(ROW, tuple(map(int, values)))

        out, err = LineStream(line, 1), LineStream(line, 2)
        with redirect_stdout(text_stream(out)), redirect_stderr(text_stream(err)):
            try:
                call = partial(self.job, *args, **named)
                return timed_work(row, time.perf_counter_ns, 0, number, call)
            finally:
                out.flush_rest()
                err.flush_rest()


def digest(payload: bytes) -> str:
    """Return a short name for a pickled job."""
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def do(
    name: str, payload: bytes, number: int, args: tuple[Any, ...], named: dict[str, Any]
) -> object:
    """Do a pickled `RemoteJob`; a worker unpickles it once and keeps it until another comes."""
    import cloudpickle  # noqa: PLC0415
    from distributed import get_worker  # noqa: PLC0415

    worker: Any = get_worker()
    kept: tuple[str, Any] = getattr(worker, "loopscope_job", ("", None))
    if kept[0] != name:
        kept = worker.loopscope_job = name, cloudpickle.loads(payload)
    return kept[1](number, args, named)


def introduce(dask_worker: Any) -> tuple[str, str, bool]:
    """Return a worker's host, the identity of its clock, and whether a job was abandoned on it.

    An abandoned job is one that nobody waits for any more, though it goes on.
    """
    executing = dask_worker.state.executing
    return platform.node(), clock_identity(), any(each.state == "cancelled" for each in executing)
