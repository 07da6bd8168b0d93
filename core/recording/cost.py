"""What recording costs on this machine, measured on a small program with and without it."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from statistics import median
from typing import Any

from .events import BYTES_PER_EVENT
from .first_loop import OWN_LOOPS
from .loop import RecordingLoop
from .marks import MarkedCoroutineJob
from .recorder import Recorder

JOBS = 40
PAIRS = 5
TASK_NAME = "measures what recording costs"
# A bare yield, a timer, a bare yield: what most steps of programs are.
SLEEPS_S = (0, 0.0001, 0)


async def _job(index: int) -> int:
    for sleep_s in SLEEPS_S:
        await asyncio.sleep(sleep_s)
    return index


def cost_per_event_ns() -> float:
    """Return how much CPU time a program takes on top for each event that is recorded of it.

    The median of several pairs of runs, one bare and one recorded, after a pair that only warms
    up; all of it takes about 20 ms. CPU time, because the time that passes would count whatever
    else the machine does. `python -m benchmarks.recorder` measures the same at length.

    Returns:
        Nanoseconds an event; at least 0.
    """
    # Bare and recorded in turn: what disturbs the machine for a while disturbs both.
    added_ns = [_added_ns_per_event() for _ in range(1 + PAIRS)]
    return max(0.0, median(added_ns[1:]))


def _added_ns_per_event() -> float:
    bare_ns = _cpu_ns(asyncio.new_event_loop(), _job)
    recorder = Recorder()
    job = MarkedCoroutineJob(_job, recorder)
    recorded_ns = _cpu_ns(RecordingLoop(recorder), job)
    return (recorded_ns - bare_ns) / (len(recorder.take().events) // BYTES_PER_EVENT)


def _cpu_ns(
    loop: asyncio.AbstractEventLoop, job: Callable[[int], Coroutine[Any, Any, object]]
) -> int:
    # Each with a name: else asyncio counts them, and what the program makes later in this process
    # would not be called `Task-1`.
    async def program() -> int:
        start_ns = time.thread_time_ns()
        jobs = [loop.create_task(job(index), name=TASK_NAME) for index in range(JOBS)]
        await asyncio.gather(*jobs)
        return time.thread_time_ns() - start_ns

    OWN_LOOPS.add(loop)
    try:
        return loop.run_until_complete(loop.create_task(program(), name=TASK_NAME))
    finally:
        loop.close()


async def _smallest_job(index: int) -> int:
    await asyncio.sleep(0.0001)
    return index


def rehearse() -> None:
    """Run a job on a recording loop, so that a process has its own copy of what runs then.

    A forked process shares its memory until it writes to it. Each first write costs a microsecond
    or two, and reading an object writes its reference count: better now than during a run.
    """
    recorder = Recorder()
    job = MarkedCoroutineJob(_smallest_job, recorder)

    async def program() -> None:
        await asyncio.gather(job(0))

    with asyncio.Runner(loop_factory=lambda: RecordingLoop(recorder)) as runner:
        runner.run(program())
