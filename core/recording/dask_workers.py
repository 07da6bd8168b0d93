"""Dask's workers: found, checked, their clocks compared, and what is sent to them.

What they are sent travels by value, with its code: they need not have this project.
"""

import hashlib
import inspect
import io
import logging
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from .errors import ClusterUnfit
from .remote import Offset, ask, clock_identity
from .transcript import LineStream, text_stream
from .work import Row, timed_work

ROW, LINE = "row", "line"
"""What a message from a worker is: `(ROW, where, row)` or `(LINE, where, (time, text))`."""

Where = tuple[str, str, str]
"""A worker: its address, its host's name and the identity of its clock."""

PROJECT = __name__.partition(".")[0]
# `threading.Lock` itself is a type since Python 3.13; before, it was a function.
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

    What a module keeps for each thread, and its locks, are made again there.
    """
    import cloudpickle  # noqa: PLC0415

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, obj: Any) -> Any:
            # cloudpickle refuses both, and they are globals of what goes along
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
    # what was registered before stays so
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
    # on the worker: what comes by value has globals of its own each time
    loaded: tuple[str, Any] = getattr(worker, "loopscope_job", ("", None))
    if loaded[0] != name:
        loaded = worker.loopscope_job = name, cloudpickle.loads(payload)
    return loaded[1](number, args, named)


def introduce(dask_worker: Any) -> tuple[str, str, bool]:
    """Return a worker's host, the identity of its clock, and whether a job was abandoned on it.

    An abandoned job is one that no client waits for any more, though it goes on.
    """
    executing = dask_worker.state.executing
    return platform.node(), clock_identity(), any(each.state == "cancelled" for each in executing)


CONNECT_LIMIT_S = 8.0
RESTARTED_EVERY_S = 0.1
WORKERS_LIMIT_S = 20.0
OWN_WORKERS_LIMIT_S = 60.0
"""Of our own cluster, whose workers are known to come: on a busy machine each takes seconds of
processor time to start."""
CLOSE_LIMIT_S = 3.0

OWN_SCHEDULER = "loopscope"
"""The identity of a scheduler that Loopscope has started itself, on this machine."""
GROW = "loopscope_grow"
"""The request that only such a scheduler takes: to have at least some number of workers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The workers of a run, and the client through which they are reached.

    Attributes:
        client: A `distributed.Client`; the owner of the crew closes it.
        workers: Those that the run may use.
        is_all: Whether the cluster has no others, and all of them share this machine's clock: so
            that workers which come later may be used, too.
        offsets: How far clocks are ahead of ours, by their identities.
    """

    client: Any
    workers: tuple[Where, ...]
    is_all: bool
    offsets: Mapping[str, Offset]


def open_crew(address: str, count: int, clock: Callable[[], int]) -> Crew:
    """Connect to a scheduler and return `count` of its workers, ready for work.

    Args:
        address: The scheduler's.
        count: How many workers the run may use.
        clock: Returns our time in nanoseconds.

    Raises:
        ClusterUnfit: If no scheduler answers in time, or too few workers are fit for a run.
    """
    client = _connected(address)
    try:
        _grow(client, count)
        found = _found(client, count)
        chosen = found[:count]
        offsets = _offsets(client, chosen, clock)
        _warm_up(client, chosen)
    except BaseException:
        client.close(timeout=CLOSE_LIMIT_S)
        raise
    is_all = len(found) == count and set(offsets) == {clock_identity()}
    return Crew(client=client, workers=tuple(chosen), is_all=is_all, offsets=offsets)


def _connected(address: str) -> Any:
    import distributed  # noqa: PLC0415 - it takes most of a second

    # What the client logs is not what the measured program prints.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return distributed.Client(  # type: ignore[no-untyped-call]
            address, timeout=CONNECT_LIMIT_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise ClusterUnfit(address=address, limit=CONNECT_LIMIT_S, reason=str(error)) from error


def _is_own(client: Any) -> bool:
    return bool(client.scheduler_info()["id"] == OWN_SCHEDULER)


def _grow(client: Any, count: int) -> None:
    """Let our own cluster have enough workers, none of them busy with an abandoned job."""
    if not _is_own(client):
        return
    client.sync(getattr(client.scheduler, GROW), count=count)
    abandoned = [address for address, (*_, left) in _introductions(client).items() if left]
    if abandoned:
        _restart(client, abandoned, count)


def _restart(client: Any, workers: list[str], count: int) -> None:
    """Replace workers of our own cluster; what does not end in time gets a substitute.

    A nanny gives its worker 4 s to end before it kills it. On a busy machine that, and
    the start of the next one, may take longer than the limit; then the scheduler drops the worker,
    and only the wait for `count` workers shows whether there are enough.
    """
    try:
        ends = client.restart_workers(workers, timeout=WORKERS_LIMIT_S, raise_for_error=False)
    except TimeoutError:
        return  # they have ended, and their successors are on their way
    if stuck := [worker for worker, how in ends.items() if how != "OK"]:
        client.sync(getattr(client.scheduler, GROW), count=count + len(stuck))


def _workers_limit_s(client: Any) -> float:
    return OWN_WORKERS_LIMIT_S if _is_own(client) else WORKERS_LIMIT_S


def _await_workers(client: Any, count: int) -> None:
    limit_s = _workers_limit_s(client)
    try:
        client.wait_for_workers(count, timeout=limit_s)
    except TimeoutError as error:
        there = len(client.scheduler_info()["workers"])
        raise ClusterUnfit(asked=count, limit=limit_s, there=there) from error


def _found(client: Any, count: int) -> list[Where]:
    """Return the workers that can take part.

    One of our own cluster that is being restarted is counted by the scheduler until it has gone, so
    it is asked again until the new one is there.
    """
    until_s = time.monotonic() + _workers_limit_s(client)
    while True:
        _await_workers(client, count)
        try:
            return _fit(client, count)
        except ClusterUnfit:
            if not _is_own(client) or time.monotonic() >= until_s:
                raise
        time.sleep(RESTARTED_EVERY_S)


def _introductions(client: Any) -> dict[str, tuple[str, str, bool]]:
    """Return what the workers say of themselves; one that is gone by now says nothing."""
    answers: dict[str, tuple[str, str, bool]] = client.run(ByValue(introduce), on_error="ignore")
    return answers


def _fit(client: Any, count: int) -> list[Where]:
    """Return the workers that can take part, in the order of their addresses."""
    _check_python(client)
    # One thread a worker: jobs that share a GIL would not be measured by themselves.
    threads = {
        address: each["nthreads"] for address, each in client.scheduler_info()["workers"].items()
    }
    introduced = sorted(_introductions(client).items())
    fit = [
        (address, host, identity)
        for address, (host, identity, left) in introduced
        if threads.get(address) == 1 and not left
    ]
    if len(fit) < count:
        raise ClusterUnfit(asked=count, there=len(introduced), fit=len(fit))
    return fit


def _check_python(client: Any) -> None:
    """Refuse workers of another Python: the code of jobs goes to them as bytecode."""
    ours = platform.python_version_tuple()[:2]
    for address, each in client.get_versions()["workers"].items():
        theirs = each["host"]["python"]
        if tuple(theirs.split(".")[:2]) != ours:
            raise ClusterUnfit(address=address, theirs=theirs, ours=".".join(ours))


def _warm_up(client: Any, workers: list[Where]) -> None:
    """Let each worker do a task: the first one costs client and worker some imports."""
    tasks = [client.submit(address.upper, workers=[address]) for address, *_ in workers]
    # by the scheduler: a worker's own address may be out of this machine's reach
    client.gather(tasks, direct=False)


def _offsets(client: Any, workers: list[Where], clock: Callable[[], int]) -> dict[str, Offset]:
    """Return the offset of each clock; on this machine it is none."""
    own = clock_identity()
    addresses = {identity: address for address, _, identity in workers}

    def asked(address: str) -> Offset:
        return ask(clock, lambda: client.run(time.perf_counter_ns, workers=[address])[address])

    return {
        identity: Offset() if identity == own else asked(address)
        for identity, address in addresses.items()
    }
