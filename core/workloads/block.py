"""A blocking wait: the thread that calls it can do nothing else meanwhile."""

import time

from core.jobs import Plan, time_log
from core.workloads import Workload, to_its_end


def block(plan: Plan, index: int) -> str:
    time.sleep(plan.sleep_s(index))
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


WORKLOAD = Workload(name="block", blocking=block, length=to_its_end)
