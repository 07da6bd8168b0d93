"""The measured program: a pattern and its job, carried out under a recorder, and its pool."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from core.jobs import CoroutineJob, JobKind
from core.pattern import Pattern
from core.recording.executors import recorded_executors
from core.recording.loop import recorded_loops, usual_loop
from core.recording.marks import MarkedBlockingJob, MarkedCoroutineJob
from core.recording.pools import (
    RecordedProcessPool,
    RecordedThreadPool,
    refuse_without_semaphores,
)
from core.recording.recorder import JobError, Recorder
from core.recording.task_jobs import TaskJobs, with_task_jobs
from core.spec.run_spec import ExecutorKind, RunSpec

Marked = MarkedCoroutineJob | MarkedBlockingJob | Callable[[int], Any]
MakeLoop = Callable[[Recorder], asyncio.BaseEventLoop]
NO_EXTRAS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """How a pattern came back: when, with what, or with which error.

    `cpu_ns` is what all threads of this process used of the processors meanwhile.
    """

    started_ns: int
    returned_ns: int
    value: object = None
    error: JobError | None = None
    cpu_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What is called around a run.

    `before_start` is called when all is ready and the clock has not started: what takes time
    belongs there. `on_start` is called with the time of the start, just before the pattern, and
    `on_return` just after it has returned, while its loop and pools are there.
    """

    before_start: Callable[[], object] = lambda: None
    on_start: Callable[[int], object] = lambda started_ns: None  # noqa: ARG005
    on_return: Callable[[], object] = lambda: None


def carry_out(
    pattern: Pattern,
    job: Callable[[int], Any] | AbstractAsyncContextManager[CoroutineJob],
    count: int,
    *,
    recorder: Recorder,
    extras: Mapping[str, Any] = NO_EXTRAS,
    callbacks: Callbacks | None = None,
    make_loop: MakeLoop = usual_loop,
) -> Returned:
    """Run a pattern in this thread, as `asyncio.run` would, and return how it came back.

    Args:
        pattern: What to run.
        job: The workload's job, of the kind that the pattern arranges; or what opens it in the
            event loop before the start and closes it after all jobs.
        count: How many jobs.
        recorder: Where the events go.
        extras: What a pattern may ask for beside its job, by the names of its parameters:
            `executor`, `blocking_job`, `limit`, `timeout_s`.
        callbacks: What is called at the start and at the end.
        make_loop: Makes the event loop of a coroutine pattern; tests make one on a virtual clock.

    Returns:
        The times of start and return, before leftover tasks are cancelled and pools shut down,
        and the value or the error: whatever the pattern raises, `SystemExit` and
        `KeyboardInterrupt` too, or what leftover tasks raise while they are cancelled.
    """
    run = _Run(pattern, count, recorder, extras, callbacks or Callbacks())
    with recorded_loops(recorder), recorded_executors(recorder):
        if pattern.is_coroutine or isinstance(job, AbstractAsyncContextManager):
            return _in_loop_of_its_own(run, job, make_loop)
        return run.without_loop(run.marked(job))


@dataclass(frozen=True, slots=True)
class _Run:
    """A pattern with all that it is called with, but for its job."""

    pattern: Pattern
    count: int
    recorder: Recorder
    extras: Mapping[str, Any]
    callbacks: Callbacks

    def made_by(self, make_loop: MakeLoop) -> asyncio.BaseEventLoop:
        loop = make_loop(self.recorder)
        if not self.pattern.tasks_are_jobs:
            return loop
        jobs = TaskJobs(self.pattern.function, self.recorder)
        made: asyncio.BaseEventLoop = with_task_jobs(loop, jobs)
        return made

    def marked(self, job: Callable[[int], Any]) -> Marked:
        if self.pattern.tasks_are_jobs:
            return job
        if self.pattern.arranges is JobKind.COROUTINE:
            return MarkedCoroutineJob(job, self.recorder)
        return MarkedBlockingJob(job, self.recorder)

    def in_loop_of(self, runner: asyncio.Runner, marked: Marked) -> Returned:
        call = self._call(marked)
        runner.get_loop()  # makes the loop, before the clock starts
        return _timed(self, lambda: runner.run(call()))

    def without_loop(self, marked: Marked) -> Returned:
        return _timed(self, self._call(marked))

    def _call(self, marked: Marked) -> Callable[[], Any]:
        given = dict(self.extras)
        if "blocking_job" in self.pattern.extras:
            given["blocking_job"] = MarkedBlockingJob(given["blocking_job"], self.recorder)
        asked_for = {name: given[name] for name in self.pattern.extras}
        return partial(self.pattern.function, marked, self.count, **asked_for)


def _in_loop_of_its_own(
    run: _Run,
    job: Callable[[int], Any] | AbstractAsyncContextManager[CoroutineJob],
    make_loop: MakeLoop,
) -> Returned:
    returned = None
    try:
        with asyncio.Runner(loop_factory=lambda: run.made_by(make_loop)) as runner:
            if not isinstance(job, AbstractAsyncContextManager):
                returned = run.in_loop_of(runner, run.marked(job))
            else:
                opened = runner.run(job.__aenter__())
                try:
                    returned = run.in_loop_of(runner, run.marked(opened))
                finally:
                    runner.run(_close(job))
    except (SystemExit, KeyboardInterrupt) as raised:
        # by a leftover task while it was cancelled, after the pattern had returned
        if returned is None:
            raise
        return replace(returned, error=JobError.of(raised))
    return returned


async def _close(opened: AbstractAsyncContextManager[CoroutineJob]) -> None:
    """Close what jobs share, after cancelling those left over, as `asyncio.run` does at its end."""
    left_over = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left_over:
        task.cancel()
    await asyncio.gather(*left_over, return_exceptions=True)
    await opened.__aexit__(None, None, None)


def _timed(run: _Run, call: Callable[[], object]) -> Returned:
    clock = run.recorder.clock
    run.callbacks.before_start()
    started_ns = clock()
    run.callbacks.on_start(started_ns)
    pid, cpu_ns = os.getpid(), time.process_time_ns()
    value, error = None, None
    try:
        value = call()
    except BaseException as raised:
        if os.getpid() != pid:  # a copy that a job has forked ends as it would by itself
            raise
        error = JobError.of(raised)
    # The wall time ends here. What is cancelled later is still drawn to its end, since it happened,
    # but it is not what the pattern took.
    returned = Returned(
        started_ns=started_ns,
        returned_ns=clock(),
        value=value,
        error=error,
        cpu_ns=time.process_time_ns() - cpu_ns,
    )
    run.callbacks.on_return()
    return returned


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

    Workers of their own processes are up and running when this returns: otherwise every run would
    show their start instead of its pattern. How long that took is `RunFacts.startup_ns`. The caller
    shuts the pool down.

    Args:
        spec: The run.
        recorder: Where the pool records.
        addresses: Where the services are that the run needs, by their names.
    """
    if spec.executor is None:
        return None
    return OPENERS[ExecutorKind(spec.executor)](recorder, spec.workers, addresses)
