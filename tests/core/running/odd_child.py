"""A measuring child whose workload `block` is an odd job, named in the environment."""

import os
import sys
from functools import partial

from core.jobs import BlockingJob, Durations, JobKind
from core.running import child
from core.workloads import WORKLOADS, Workload
from tests.core.running.odd_jobs import ODD_JOBS


def make_odd_job(durations: Durations) -> BlockingJob:
    """Return the job that the environment names."""
    return partial(ODD_JOBS[os.environ["ODD_JOB"]], durations)


if __name__ == "__main__":
    WORKLOADS["block"] = Workload(name="block", kind=JobKind.BLOCKING, make_job=make_odd_job)
    child.main(sys.argv[1:])
