"""The workloads: each file holds what one job does."""

from collections.abc import Callable
from dataclasses import dataclass

from core.jobs import BlockingJob, CoroutineJob, Durations, JobKind
from core.workloads.block import block_job
from core.workloads.sleep import sleep_job


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload, the kind of job that it makes, and how to make one."""

    name: str
    kind: JobKind
    make_job: Callable[[Durations], CoroutineJob] | Callable[[Durations], BlockingJob]


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(name="sleep", kind=JobKind.COROUTINE, make_job=sleep_job),
        Workload(name="block", kind=JobKind.BLOCKING, make_job=block_job),
    )
}

DEFAULT_WORKLOADS = {JobKind.COROUTINE: "sleep", JobKind.BLOCKING: "block"}
