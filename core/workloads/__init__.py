"""The workloads: each file holds what one job does, as a coroutine, as a blocking function or both.

What a workload needs beyond the standard library is imported where it is used: the measuring child
imports every workload, and must start fast.
"""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from core.jobs import CoroutineJob, JobKind, Plan
from core.workloads.block import block
from core.workloads.cleanup import CLEANUP_SHARE, cleanup
from core.workloads.cpu import cpu, cpu_blocking
from core.workloads.file import file, file_blocking, opener
from core.workloads.http import http, http_blocking, served, session
from core.workloads.postgres import asyncio_pool, postgres, postgres_blocking
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


source_of = cache(inspect.getsource)


def _not_known(planned: float, cancelled_after: float) -> float:  # noqa: ARG001
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload: the functions that do one job, of a plan and the job's index.

    Attributes:
        name: That of its file.
        coroutine: The job for patterns of coroutines, if there is one. What `opens` gives it
            comes between the plan and the index.
        blocking: The job for patterns of blocking jobs, and in workers, if there is one; it can
            be pickled.
        opens: Opens in the event loop what all coroutine jobs of a run share, and closes it.
        length: How long a job takes at best, of its planned time and the time after which it is
            cancelled, which may be infinite; 0 where no setting says how long.
        needs: The service whose address the plan must carry; see `core.services`.
        served: Asks the service, after a run, what it counted meanwhile.
        uses_cpu: Whether a job calculates instead of waiting.
        connects: Whether jobs ask their service over a limited number of connections, and some
            can be told to be refused.
        imports: What blocking jobs import: it is done before the clock starts, so that none pays.
        is_timed: Whether a setting says how long a job takes.
    """

    name: str
    coroutine: Callable[..., Any] | None = None
    blocking: Callable[[Plan, int], Any] | None = None
    opens: Callable[[Plan], AbstractAsyncContextManager[Any]] | None = None
    length: Length = _until_cancelled
    needs: str | None = None
    served: Callable[[Plan], dict[str, int]] | None = None
    uses_cpu: bool = False
    connects: bool = False
    is_timed: bool = True
    imports: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[JobKind, ...]:
        """The kinds of job that it has."""
        functions = {JobKind.COROUTINE: self.coroutine, JobKind.BLOCKING: self.blocking}
        return tuple(kind for kind, function in functions.items() if function is not None)

    def source(self, kind: JobKind) -> str:
        """Return the text of a job's function, exactly as it runs."""
        return source_of(self._function(kind))

    def job(self, kind: JobKind, plan: Plan) -> Callable[[int], Any]:
        """Return the job of a run, where nothing has to be opened for it."""
        return partial(self._function(kind), plan)

    @asynccontextmanager
    async def opened_job(self, plan: Plan) -> AsyncIterator[CoroutineJob]:
        """Open in the running event loop what the coroutines of a run share, and give the job."""
        if self.opens is None:
            yield self.job(JobKind.COROUTINE, plan)
        else:
            async with self.opens(plan) as shared:
                yield partial(self._function(JobKind.COROUTINE), plan, shared)

    def _function(self, kind: JobKind) -> Callable[..., Any]:
        function = self.coroutine if kind is JobKind.COROUTINE else self.blocking
        if function is None:
            raise LookupError(f"{self.name} has no {kind} job")
        return function


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(name="sleep", coroutine=sleep),
        Workload(name="block", blocking=block, length=_to_its_end),
        Workload(name="cleanup", coroutine=cleanup, length=_with_cleanup),
        Workload(name="stubborn", coroutine=stubborn, length=_to_its_end),
        Workload(
            name="cpu",
            coroutine=cpu,
            blocking=cpu_blocking,
            length=_to_its_end,
            needs="cpu",
            uses_cpu=True,
        ),
        Workload(
            name="file",
            coroutine=file,
            blocking=file_blocking,
            opens=opener,
            length=_not_known,
            is_timed=False,
            needs="files",
        ),
        Workload(
            name="http",
            coroutine=http,
            blocking=http_blocking,
            opens=session,
            needs="http",
            served=served,
            connects=True,
            imports=("urllib3",),
        ),
        Workload(
            name="postgres",
            coroutine=postgres,
            blocking=postgres_blocking,
            opens=asyncio_pool,
            needs="postgres",
            connects=True,
            imports=("psycopg", "psycopg_pool"),
        ),
    )
}

DEFAULT_WORKLOADS = {JobKind.COROUTINE: "sleep", JobKind.BLOCKING: "block"}


def twin_of(workload: Workload) -> Workload:
    """Return the workload whose blocking job goes with a workload's coroutines."""
    has_own = workload.blocking is not None
    return workload if has_own else WORKLOADS[DEFAULT_WORKLOADS[JobKind.BLOCKING]]
