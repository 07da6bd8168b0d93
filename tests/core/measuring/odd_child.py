"""A measuring child whose workload `block` is an odd job, named in the environment."""

import os
from dataclasses import replace

from core.measuring.child import live_with
from core.measuring.wire import take_standard_streams
from core.workloads import WORKLOADS
from tests.core.measuring import odd_jobs

if __name__ == "__main__":
    odd = replace(WORKLOADS["block"], blocking=odd_jobs.ODD_JOBS[os.environ["ODD_JOB"]])
    WORKLOADS["block"] = odd
    commands, odd_jobs.EVENTS = take_standard_streams()
    live_with(commands, odd_jobs.EVENTS)
