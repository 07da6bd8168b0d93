"""The pools that a run may use: one opener per kind of executor."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from types import MappingProxyType

from core.recording.pools import RecordedProcessPool, RecordedThreadPool
from core.recording.recorder import Recorder
from core.spec.limits import refuse_without_semaphores
from core.spec.run_spec import ExecutorKind, RunSpec

Pool = Executor
Addresses = Mapping[str, str]
NOWHERE: Addresses = MappingProxyType({})
Opener = Callable[[Recorder, int | None, Addresses], Pool | None]


def _threads(recorder: Recorder, workers: int | None, _addresses: Addresses) -> Pool:
    return RecordedThreadPool(recorder, max_workers=workers, thread_name_prefix="pool")


def _processes(recorder: Recorder, workers: int | None, _addresses: Addresses) -> Pool:
    refuse_without_semaphores()
    return RecordedProcessPool(recorder, workers or 1)


def _dask(recorder: Recorder, workers: int | None, addresses: Addresses) -> Pool:
    from core.recording.dask_pool import RecordedDaskPool  # noqa: PLC0415

    return RecordedDaskPool(recorder, addresses[ExecutorKind.DASK], workers or 1)


OPENERS: dict[ExecutorKind, Opener] = {
    ExecutorKind.DEFAULT: lambda _recorder, _workers, _addresses: None,
    ExecutorKind.THREADS: _threads,
    ExecutorKind.PROCESSES: _processes,
    ExecutorKind.DASK: _dask,
}


def open_pool(spec: RunSpec, recorder: Recorder, addresses: Addresses = NOWHERE) -> Pool | None:
    """Return the pool that a run asks for, or None: the loop's default pool, or none at all.

    Workers of their own processes are up and running when this returns. The caller shuts the pool
    down.

    Args:
        spec: The run.
        recorder: Where the pool records.
        addresses: Where the services are that the run needs, by their names.
    """
    if spec.executor is None:
        return None
    return OPENERS[ExecutorKind(spec.executor)](recorder, spec.workers, addresses)
