"""The workloads: each file holds what one job does, as a coroutine, as a blocking function or both.

Each ends with its record, `WORKLOAD`. To add one, write its file and name it in `NAMES`; see
docs/add-a-workload.md. What a workload needs beyond the standard library is imported where it is
used: the measuring child imports every workload, and must start fast.
`python -m benchmarks.openings --starts` prints what each import would cost it.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pkgutil import resolve_name
from typing import Any

from core.jobs import CoroutineJob, JobKind, Plan
from core.text.language import Text

Length = Callable[[float, float], float]
"""How long a job takes at best, of its planned time and the time after which it is cancelled."""


def until_cancelled(planned: float, cancelled_after: float) -> float:
    """Return how long a job takes that ends when it is cancelled."""
    return min(planned, cancelled_after)


def to_its_end(planned: float, cancelled_after: float) -> float:  # noqa: ARG001
    """Return how long a job takes that heeds no cancellation."""
    return planned


def not_known(planned: float, cancelled_after: float) -> float:  # noqa: ARG001
    """Return 0, where no setting says how long a job takes."""
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InScript:
    """How a script writes a job that needs more than its settings; see `core.spec.program`.

    In all of its texts, what the plan says is replaced by its value.

    Attributes:
        given: The name of what a script gives each job before its index; empty for nothing.
        opening: The lines of `main` that make it; a line that ends with a colon opens a block.
        instead: What a script writes instead of parts of the job's source.
        before: The definitions that stand before the job, a text each, or what makes one of the
            plan.
        calls: What else of the workload's functions the job calls.
        imports: The imports that these texts need.
    """

    given: str = ""
    opening: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict, hash=False)
    before: tuple[str | Callable[[Plan], str], ...] = ()
    calls: tuple[Callable[..., Any], ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload: the functions that do one job, of a plan and the job's index.

    Attributes:
        name: That of its file.
        title: What the page calls it; its name where it has no title.
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
            can be refused on purpose.
        limits_rate: Whether its service can refuse what comes faster than at some rate.
        connecting: The coroutines of its library that await a connection: the file, with the
            library's folder before it, and the coroutine's `__qualname__`.
        imports: What blocking jobs import: it is done before the clock starts, so that none pays.
        packages: What pip must install, by the kind of job that needs it.
        in_script: How a script writes a job, by its kind, if it needs more than its settings.
        is_timed: Whether a setting says how long a job takes.
    """

    name: str
    title: Text = ""
    coroutine: Callable[..., Any] | None = None
    blocking: Callable[[Plan, int], Any] | None = None
    opens: Callable[[Plan], AbstractAsyncContextManager[Any]] | None = None
    length: Length = until_cancelled
    needs: str | None = None
    served: Callable[[Plan], dict[str, int]] | None = None
    uses_cpu: bool = False
    connects: bool = False
    limits_rate: bool = False
    connecting: tuple[tuple[str, str], ...] = ()
    is_timed: bool = True
    imports: tuple[str, ...] = ()
    packages: Mapping[JobKind, str] = field(default_factory=dict, hash=False)
    in_script: Mapping[JobKind, InScript] = field(default_factory=dict, hash=False)

    @property
    def called(self) -> str:
        """What the page calls it, in this context's language."""
        return str(self.title) or self.name

    @property
    def kinds(self) -> tuple[JobKind, ...]:
        """The kinds of job that it has."""
        functions = {JobKind.COROUTINE: self.coroutine, JobKind.BLOCKING: self.blocking}
        return tuple(kind for kind, function in functions.items() if function is not None)

    def job(self, kind: JobKind, plan: Plan) -> Callable[[int], Any]:
        """Return the job of a run, where nothing has to be opened for it."""
        return partial(self.function(kind), plan)

    @asynccontextmanager
    async def opened_job(self, plan: Plan) -> AsyncIterator[CoroutineJob]:
        """Open in the running event loop what the coroutines of a run share, and give the job."""
        if self.opens is None:
            yield self.job(JobKind.COROUTINE, plan)
        else:
            async with self.opens(plan) as shared:
                yield partial(self.function(JobKind.COROUTINE), plan, shared)

    def function(self, kind: JobKind) -> Callable[..., Any]:
        """Return the function that does one job.

        Raises:
            LookupError: If the workload has none of this kind.
        """
        function = self.coroutine if kind is JobKind.COROUTINE else self.blocking
        if function is None:
            raise LookupError(f"{self.name} has no {kind} job")
        return function


NAMES = (
    "sleep",
    "block",
    "cleanup",
    "stubborn",
    "cpu",
    "http",
    "postgres",
    "file",
)
"""The names of the workloads, which are those of their files, in the order of the page."""
WORKLOADS: dict[str, Workload] = {
    name: resolve_name(f"{__name__}.{name}:WORKLOAD") for name in NAMES
}
DEFAULT_WORKLOADS = {JobKind.COROUTINE: "sleep", JobKind.BLOCKING: "block"}


def twin_of(workload: Workload) -> Workload:
    """Return the workload whose blocking job goes with a workload's coroutines."""
    has_own = workload.blocking is not None
    return workload if has_own else WORKLOADS[DEFAULT_WORKLOADS[JobKind.BLOCKING]]
