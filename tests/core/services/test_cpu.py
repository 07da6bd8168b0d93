"""How fast this machine calculates: measured once, the same for all runs."""

import time

from core.jobs import Plan
from core.services.cpu import CpuSpeed
from core.workloads.cpu import cpu_blocking


def test_the_number_of_loops_a_second_is_measured_once() -> None:
    speed = CpuSpeed()
    first = speed.address()
    assert int(first) > 0
    assert speed.address() == first
    speed.close()
    assert speed.address() == first


def test_it_is_the_speed_of_the_workloads_own_loop() -> None:
    """The fastest of several tries is compared, as what else the machine does only slows them."""
    plan = Plan(longest_s=0.02, count=1, service=CpuSpeed().address())

    def cpu_time_s() -> float:
        start_s = time.thread_time()
        cpu_blocking(plan, 0)
        return time.thread_time() - start_s

    assert 0.01 < min(cpu_time_s() for _ in range(5)) < 0.04
