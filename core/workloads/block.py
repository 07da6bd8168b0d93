"""A blocking wait: the thread that calls it can do nothing else meanwhile."""

import time
from functools import partial

from core.jobs import BlockingJob, Plan


def block(plan: Plan, index: int) -> str:
    time.sleep(plan.sleep_s(index))
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


def block_job(plan: Plan) -> BlockingJob:
    """Return the job whose call `index` blocks for `plan.sleep_s(index)`; it can be pickled."""
    return partial(block, plan)
