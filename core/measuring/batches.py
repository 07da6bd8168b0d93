"""Which runs of a comparison are measured at the same time, and what that costs."""

from collections.abc import Sequence

from core.measuring.turns import Cost, Lane
from core.spec.ideal import NS_PER_S, ideal
from core.spec.machine import has_gil, processors
from core.spec.run_spec import IN_PROCESSES, ExecutorKind, RunSpec

CPU_PER_JOB_S = 0.0005
CPU_PER_RUN_S = 0.01
"""What a run costs beside its jobs: its process, and what the server draws of it."""
SHARE_THAT_DISTURBS = 0.25
SHARE_THAT_IS_HEAVY = 0.5


def batches(specs: Sequence[RunSpec]) -> list[list[RunSpec]]:
    """Return the runs in groups to be measured at the same time, in the order given.

    Runs that together need less than a quarter of one processor go side by side; as soon as they
    would need more, each goes alone. Runs in Dask share their workers, so they go alone, too.
    """
    if sum(_cpu_share(spec) for spec in specs) <= SHARE_THAT_DISTURBS:
        return [list(specs)]
    return [[spec] for spec in specs]


def _cpu_share(spec: RunSpec) -> float:
    if spec.job.uses_cpu or spec.executor == ExecutorKind.DASK:
        return 1.0
    return _share_of_sleepers(spec, spec.tasks * CPU_PER_JOB_S)


def _share_of_sleepers(spec: RunSpec, needed_s: float) -> float:
    return needed_s / (ideal(spec).wall_ns / NS_PER_S + needed_s)


def cost_of(batch: Sequence[RunSpec]) -> Cost:
    """Return what it takes of the machine to measure runs at the same time."""
    return Cost(
        cores=min(sum(map(_cores, batch)), processors()),
        children=sum(map(_children, batch)),
        seconds=max(ideal(spec).wall_ns / NS_PER_S + _needed_s(spec) for spec in batch),
        lane=_lane(batch),
    )


def _lane(batch: Sequence[RunSpec]) -> Lane:
    needs_processors = any(spec.executor in IN_PROCESSES for spec in batch)
    busy = sum(map(_cpu_share, batch)) >= SHARE_THAT_IS_HEAVY
    return Lane.HEAVY if needs_processors or busy else Lane.LIGHT


def _needed_s(spec: RunSpec) -> float:
    return CPU_PER_RUN_S + spec.tasks * CPU_PER_JOB_S


def _cores(spec: RunSpec) -> float:
    """Return how many processors a run keeps busy; a pool of processes has them to itself."""
    if spec.executor in IN_PROCESSES:
        return float(spec.workers or 1)
    if not spec.job.uses_cpu:
        return _share_of_sleepers(spec, _needed_s(spec))
    return 1.0 if has_gil() else float(spec.pool_size or 1)


def _children(spec: RunSpec) -> int:
    return 1 + (spec.workers or 0 if spec.executor in IN_PROCESSES else 0)
