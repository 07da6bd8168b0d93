"""A fixed amount of calculation in pure Python, measured in the time that it takes undisturbed.

A job that calculated for a given time would do less where it is disturbed, and every executor would
look the same.
"""

from dataclasses import replace

from core.jobs import JobKind, Plan, time_log
from core.text.language import lazy
from core.workloads import InScript, Workload, to_its_end


async def cpu(plan: Plan, index: int) -> str:
    return cpu_blocking(plan, index)  # no await: nothing else runs


def cpu_blocking(plan: Plan, index: int) -> str:
    number = 1
    for _ in range(round(plan.sleep_s(index) * int(plan.service))):
        number = number * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
    if index == plan.failing:
        raise RuntimeError(f"job {index + 1} went wrong")
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


IN_SCRIPT = InScript(
    given="loops_per_s",
    opening=("loops_per_s = measured_loops_per_s()",),
    instead={"int(plan.service)": "loops_per_s"},
    before=(
        """def measured_loops_per_s():
    number = 1
    start_s = time.perf_counter()
    for _ in range(1_000_000):
        number = number * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
    return 1_000_000 / (time.perf_counter() - start_s)""",
    ),
    imports=("import time",),
)
WORKLOAD = Workload(
    name="cpu",
    title=lazy("calculation"),
    coroutine=cpu,
    blocking=cpu_blocking,
    length=to_its_end,
    needs="cpu",
    uses_cpu=True,
    in_script={
        JobKind.COROUTINE: replace(IN_SCRIPT, calls=(cpu_blocking,)),
        JobKind.BLOCKING: IN_SCRIPT,
    },
)
