"""A measuring child whose workload `block` is an odd job, named in the environment."""

import os
import sys
from dataclasses import replace

from core.measuring import child
from core.workloads import WORKLOADS
from tests.core.measuring.odd_jobs import ODD_JOBS

if __name__ == "__main__":
    odd = replace(WORKLOADS["block"], blocking=ODD_JOBS[os.environ["ODD_JOB"]])
    WORKLOADS["block"] = odd
    child.main(sys.argv[1:])
