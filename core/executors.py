"""The pools that a run may use: one opener per kind of executor."""

from collections.abc import Callable

from core.recording.pools import RecordedProcessPool, RecordedThreadPool
from core.recording.recorder import Recorder
from core.spec import ExecutorKind, RunSpec

Pool = RecordedThreadPool | RecordedProcessPool


def _threads(recorder: Recorder, workers: int | None) -> Pool:
    return RecordedThreadPool(recorder, max_workers=workers, thread_name_prefix="pool")


def _processes(recorder: Recorder, workers: int | None) -> Pool:
    return RecordedProcessPool(recorder, workers or 1)


OPENERS: dict[ExecutorKind, Callable[[Recorder, int | None], Pool | None]] = {
    ExecutorKind.DEFAULT: lambda _recorder, _workers: None,
    ExecutorKind.THREADS: _threads,
    ExecutorKind.PROCESSES: _processes,
}


def open_pool(spec: RunSpec, recorder: Recorder) -> Pool | None:
    """Return the pool that a run asks for, or None: the loop's default pool, or none at all.

    A pool of processes is up and running when this returns. The caller shuts the pool down.
    """
    if spec.executor is None:
        return None
    return OPENERS[ExecutorKind(spec.executor)](recorder, spec.workers)
