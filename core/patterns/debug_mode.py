"""The same blocking calls with asyncio's debug mode and logging on."""

import asyncio
import logging

from core.jobs import BlockingJob, CoroutineJob
from core.patterns.blocking_call import blocking_call


async def debug_mode(
    job: CoroutineJob, count: int, blocking_job: BlockingJob
) -> list[object]:
    logging.basicConfig(level=logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    return await blocking_call(job, count, blocking_job)
