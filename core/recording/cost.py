"""What recording costs on this machine, measured on a small program with and without it."""

import asyncio
import time
from collections.abc import Callable

from core.recording.loop import RecordingLoop
from core.recording.marks import MarkedCoroutineJob
from core.recording.recorder import Recorder

JOBS = 50
STEPS_PER_JOB = 4
REPEATS = 5
EVENTS_PER_JOB = STEPS_PER_JOB + 2


async def _job(index: int) -> int:
    for _ in range(STEPS_PER_JOB):
        await asyncio.sleep(0)
    return index


def cost_per_event_ns() -> float:
    """Return how much longer a program takes for each event that is recorded of it.

    The least of several times with recording less the least without, since whatever else the
    machine does only adds to a time. At least 0.

    Returns:
        Nanoseconds an event.
    """
    bare, recorded = [], []
    for _ in range(REPEATS):
        bare.append(_time_ns(asyncio.new_event_loop, _job))
        recorder = Recorder()
        recorded.append(
            _time_ns(lambda: RecordingLoop(recorder), MarkedCoroutineJob(_job, recorder))  # noqa: B023
        )
    return max(0.0, (min(recorded) - min(bare)) / (JOBS * EVENTS_PER_JOB))


def _time_ns(
    make_loop: Callable[[], asyncio.AbstractEventLoop], job: Callable[[int], object]
) -> int:
    async def program() -> None:
        await asyncio.gather(*[job(index) for index in range(JOBS)])  # type: ignore[call-overload]

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.get_loop()
        start_ns = time.perf_counter_ns()
        runner.run(program())
        return time.perf_counter_ns() - start_ns
