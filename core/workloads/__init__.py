"""The workloads: each file holds what one job does."""

from collections.abc import Callable
from dataclasses import dataclass

from core.jobs import BlockingJob, CoroutineJob, JobKind, Plan
from core.workloads.block import block_job
from core.workloads.cleanup import CLEANUP_SHARE, cleanup_job
from core.workloads.sleep import sleep_job
from core.workloads.stubborn import stubborn_job

Length = Callable[[float, float], float]


def _until_cancelled(planned: float, cancelled_after: float) -> float:
    return min(planned, cancelled_after)


def _with_cleanup(planned: float, cancelled_after: float) -> float:
    return min(planned, cancelled_after) + planned * CLEANUP_SHARE


def _to_its_end(planned: float, cancelled_after: float) -> float:  # noqa: ARG001
    return planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload, the kind of job that it makes, and how to make one.

    `length` returns how long a job takes at best, of its planned time and the time after which
    it is cancelled, which may be infinite. `twin` is the workload of the other kind that does the
    same, for patterns that arrange both kinds.
    """

    name: str
    kind: JobKind
    make_job: Callable[[Plan], CoroutineJob] | Callable[[Plan], BlockingJob]
    length: Length
    twin: str


_COROUTINE, _BLOCKING = JobKind.COROUTINE, JobKind.BLOCKING

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            name="sleep",
            kind=_COROUTINE,
            make_job=sleep_job,
            length=_until_cancelled,
            twin="block",
        ),
        Workload(
            name="block",
            kind=_BLOCKING,
            make_job=block_job,
            length=_to_its_end,
            twin="sleep",
        ),
        Workload(
            name="cleanup",
            kind=_COROUTINE,
            make_job=cleanup_job,
            length=_with_cleanup,
            twin="block",
        ),
        Workload(
            name="stubborn",
            kind=_COROUTINE,
            make_job=stubborn_job,
            length=_to_its_end,
            twin="block",
        ),
    )
}

DEFAULT_WORKLOADS = {JobKind.COROUTINE: "sleep", JobKind.BLOCKING: "block"}
