"""The workloads: each file holds what one job does."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.jobs import JobKind, Plan
from core.workloads.block import block
from core.workloads.cleanup import CLEANUP_SHARE, cleanup
from core.workloads.sleep import sleep
from core.workloads.stubborn import stubborn

Length = Callable[[float, float], float]


def _until_cancelled(planned: float, cancelled_after: float) -> float:
    return min(planned, cancelled_after)


def _with_cleanup(planned: float, cancelled_after: float) -> float:
    share = planned * CLEANUP_SHARE
    if cancelled_after < planned:
        return cancelled_after + share
    return min(planned + share, cancelled_after)  # cancelled while it cleans up, it ends at once


def _to_its_end(planned: float, cancelled_after: float) -> float:  # noqa: ARG001
    return planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload: the function that does one job, of a plan and the job's index.

    `length` returns how long a job takes at best, of its planned time and the time after which
    it is cancelled, which may be infinite. `twin` is the workload of the other kind that does the
    same, for patterns that arrange both kinds.
    """

    function: Callable[[Plan, int], Any]
    kind: JobKind
    length: Length
    twin: str

    @property
    def name(self) -> str:
        """The workload's name: that of its function and of its file."""
        return self.function.__name__

    @property
    def source(self) -> str:
        """The text of the function, exactly as it runs."""
        return inspect.getsource(self.function)

    def make_job(self, plan: Plan) -> Callable[[int], Any]:
        """Return the job of a run; a blocking one can be pickled."""
        return partial(self.function, plan)


_COROUTINE, _BLOCKING = JobKind.COROUTINE, JobKind.BLOCKING

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            kind=_COROUTINE,
            function=sleep,
            length=_until_cancelled,
            twin="block",
        ),
        Workload(
            kind=_BLOCKING,
            function=block,
            length=_to_its_end,
            twin="sleep",
        ),
        Workload(
            kind=_COROUTINE,
            function=cleanup,
            length=_with_cleanup,
            twin="block",
        ),
        Workload(
            kind=_COROUTINE,
            function=stubborn,
            length=_to_its_end,
            twin="block",
        ),
    )
}

DEFAULT_WORKLOADS = {JobKind.COROUTINE: "sleep", JobKind.BLOCKING: "block"}
