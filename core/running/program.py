"""The measured program: a pattern and its job, carried out under a recorder."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from core.jobs import JobKind
from core.patterns import Pattern
from core.recording.loop import RecordingLoop
from core.recording.marks import MarkedBlockingJob, MarkedCoroutineJob
from core.recording.policy import loops_made_by
from core.recording.recorder import JobError, Recorder

MakeLoop = Callable[[Recorder], RecordingLoop]
NO_EXTRAS: Mapping[str, Any] = MappingProxyType({})


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
    extras: Mapping[str, Any] = NO_EXTRAS,
    on_start: Callable[[int], object] = lambda started_ns: None,  # noqa: ARG005
    make_loop: MakeLoop = RecordingLoop,
) -> Returned:
    """Run a pattern in this thread, as `asyncio.run` would, and return how it came back.

    Args:
        pattern: What to run.
        job: The workload's job, of the kind that the pattern arranges.
        count: How many jobs.
        recorder: Where the events go.
        extras: What a pattern may ask for beside its job, by the names of its parameters:
            `executor`, `blocking_job`, `limit`, `timeout_s`.
        on_start: Called with the time of the start, just before it.
        make_loop: Makes the event loop; tests make one on a virtual clock.

    Returns:
        The times of start and return, before leftover tasks are cancelled and pools shut down,
        and the value or the error. An `Exception` of the pattern is caught, and its cancellation.
    """
    coroutines = pattern.arranges is JobKind.COROUTINE
    marked = MarkedCoroutineJob(job, recorder) if coroutines else MarkedBlockingJob(job, recorder)
    asked_for = {
        name: MarkedBlockingJob(extras[name], recorder) if name == "blocking_job" else extras[name]
        for name in pattern.extras
    }
    call = partial(pattern.function, marked, count, **asked_for)

    def recording_loop() -> RecordingLoop:
        loop = make_loop(recorder)
        if isinstance(marked, MarkedCoroutineJob):
            loop.root_job = marked.number_of
        return loop

    if not pattern.is_coroutine:
        with loops_made_by(recording_loop):
            return _timed(recorder, on_start, call)
    with asyncio.Runner(loop_factory=recording_loop) as runner:
        runner.get_loop()
        return _timed(recorder, on_start, lambda: runner.run(call()))


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
