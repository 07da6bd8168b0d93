"""A measuring child whose workload `block` is an odd job, named in the environment."""

import os
import sys
from dataclasses import replace
from functools import partial

from core.jobs import BlockingJob, Plan
from core.running import child
from core.workloads import WORKLOADS
from tests.core.running.odd_jobs import ODD_JOBS


def make_odd_job(plan: Plan) -> BlockingJob:
    """Return the job that the environment names."""
    return partial(ODD_JOBS[os.environ["ODD_JOB"]], plan)


if __name__ == "__main__":
    WORKLOADS["block"] = replace(WORKLOADS["block"], make_job=make_odd_job)
    child.main(sys.argv[1:])
