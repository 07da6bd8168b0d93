"""The workloads: each file holds what one job does, as a coroutine, as a blocking function or both.

Each ends with its record, `WORKLOAD`. To add one, write its file and name it in `NAMES`; see
docs/add-a-workload.md. What a workload needs beyond the standard library is imported where it is
used: the measuring child imports every workload, and must start fast. What each import would cost
it is told by `python -m benchmarks.openings --starts`.
"""

from pkgutil import resolve_name

from core.jobs import JobKind
from core.workloads.record import Workload

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
