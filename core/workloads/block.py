"""A blocking wait: the thread that calls it can do nothing else meanwhile."""

import time

from core.jobs import Plan


def block(plan: Plan, index: int) -> str:
    time.sleep(plan.sleep_s(index))
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"
