"""A blocking wait: the thread that calls it can do nothing else meanwhile."""

import time
from functools import partial

from core.jobs import BlockingJob, Durations


def block(durations: Durations, index: int) -> str:
    time.sleep(durations[index])
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def block_job(durations: Durations) -> BlockingJob:
    """Return the job whose call `index` blocks for `durations[index]`; it can be pickled."""
    return partial(block, durations)
