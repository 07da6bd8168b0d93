"""A rehearsal: the smallest program on a recording loop, before anything is measured."""

import asyncio

from .loop import RecordingLoop
from .marks import MarkedCoroutineJob
from .recorder import Recorder


async def _job(index: int) -> int:
    await asyncio.sleep(0.0001)
    return index


def rehearse() -> None:
    """Run a job on a recording loop, so that a process has its own copy of what runs then.

    A forked process shares its memory until it writes to it. Each first write costs a microsecond
    or two, and reading an object writes its reference count: better now than during a run.
    """
    recorder = Recorder()
    job = MarkedCoroutineJob(_job, recorder)

    async def program() -> None:
        await asyncio.gather(job(0))

    with asyncio.Runner(loop_factory=lambda: RecordingLoop(recorder)) as runner:
        runner.run(program())
