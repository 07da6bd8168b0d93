"""Make the same blocking calls with asyncio's debug mode and logging on."""

import asyncio
import logging

from core.patterns.blocking_call import (
    blocking_call,
)


async def debug_mode(job, count, blocking_job):
    logging.basicConfig(level=logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    return await blocking_call(
        job, count, blocking_job
    )
