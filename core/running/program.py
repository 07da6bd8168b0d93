"""The measured program: a pattern and its job, carried out under a recorder."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from core.jobs import JobKind
from core.patterns import Pattern
from core.recording.loop import RecordingLoop
from core.recording.marks import MarkedBlockingJob, MarkedCoroutineJob
from core.recording.recorder import JobError, Recorder

MakeLoop = Callable[[Recorder], RecordingLoop]


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """How a pattern came back: when, with what, or with which error."""

    started_ns: int
    returned_ns: int
    value: object = None
    error: JobError | None = None


def carry_out(
    pattern: Pattern,
    job: Callable[[int], Any],
    count: int,
    *,
    recorder: Recorder,
    executor: Executor | None = None,
    on_start: Callable[[int], object] = lambda started_ns: None,  # noqa: ARG005
    make_loop: MakeLoop = RecordingLoop,
) -> Returned:
    """Run a pattern in this thread, as `asyncio.run` would, and return how it came back.

    Args:
        pattern: What to run.
        job: The workload's job, of the kind that the pattern arranges.
        count: How many jobs.
        recorder: Where the events go.
        executor: Handed to a pattern that takes one.
        on_start: Called with the time of the start, just before it.
        make_loop: Makes the event loop; tests make one on a virtual clock.

    Returns:
        The times of start and return, before leftover tasks are cancelled and pools shut down,
        and the value or the error. An `Exception` of the pattern is caught, and its cancellation.
    """
    marked: Callable[[int], Any] = (
        MarkedCoroutineJob(job, recorder)
        if pattern.arranges is JobKind.COROUTINE
        else MarkedBlockingJob(job, recorder)
    )
    arguments = (marked, count, executor) if pattern.takes_executor else (marked, count)
    if not pattern.uses_loop:
        return _timed(recorder, on_start, lambda: pattern.function(*arguments))
    with asyncio.Runner(loop_factory=lambda: make_loop(recorder)) as runner:
        loop = runner.get_loop()
        if isinstance(marked, MarkedCoroutineJob) and isinstance(loop, RecordingLoop):
            loop.root_job = marked.number_of
        return _timed(recorder, on_start, lambda: runner.run(pattern.function(*arguments)))


def _timed(
    recorder: Recorder, on_start: Callable[[int], object], call: Callable[[], object]
) -> Returned:
    started_ns = recorder.clock()
    on_start(started_ns)
    try:
        value = call()
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever a pattern raises is shown
        return Returned(
            started_ns=started_ns, returned_ns=recorder.clock(), error=JobError.of(error)
        )
    return Returned(started_ns=started_ns, returned_ns=recorder.clock(), value=value)
