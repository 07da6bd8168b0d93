"""A fixed amount of calculation in pure Python, measured in the time that it takes undisturbed.

A job that calculated for a given time would do less where it is disturbed, and every executor would
look the same.
"""

import time

from core.jobs import Plan
from core.text.language import lazy
from core.workloads import Workload, to_its_end


async def cpu(plan: Plan, index: int) -> str:
    return cpu_blocking(plan, index)  # no await: nothing else runs on the event loop


def cpu_blocking(plan: Plan, index: int) -> str:
    number = 1
    for _ in range(round(plan.sleep_s(index) * int(plan.service))):
        number = number * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
    plan.fail_if_chosen(index)
    print(time.strftime("%X"), f"job {index + 1}")
    return f"job {index + 1}"


WORKLOAD = Workload(
    name="cpu",
    title=lazy("calculation"),
    coroutine=cpu,
    blocking=cpu_blocking,
    length=to_its_end,
    needs="cpu",
    uses_cpu=True,
)
