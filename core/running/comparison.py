"""Several runs with the same workload: side by side where they cannot disturb one another."""

import threading
from collections.abc import Sequence

from core.errors import RunFailed, ServiceUnavailable
from core.ideal import NS_PER_S, ideal
from core.running.measurement import PREPARE_LIMIT_S, Measurement
from core.running.spares import Spares
from core.services import Services
from core.spec import ExecutorKind, RunSpec

CPU_PER_JOB_S = 0.0005
SHARE_THAT_DISTURBS = 0.25


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
    ideal_s = ideal(spec).wall_ns / NS_PER_S
    needed_s = spec.tasks * CPU_PER_JOB_S
    return needed_s / (ideal_s + needed_s)


class Comparison:
    """Runs that are measured for one chart, and the thread that sees them through.

    Attributes:
        measurements: One for each spec, in the order given.
        ended: Set once all runs have ended and nothing of them is alive.
        starting: The services that are being started for a run just now, by their names.
    """

    def __init__(self, specs: Sequence[RunSpec], spares: Spares, services: Services) -> None:
        """Start measuring; `spares` gives the children, `services` what else the runs need."""
        self._services = services
        self.measurements = [Measurement(spec) for spec in specs]
        self.ended = threading.Event()
        self.starting: tuple[str, ...] = ()
        self._spares = spares
        self._stopped = threading.Event()
        threading.Thread(target=self._conduct, name="comparison", daemon=True).start()

    def stop(self) -> None:
        """End all runs now; those that have ended keep what they measured."""
        self._stopped.set()
        for measurement in self.measurements:
            measurement.stop()

    def wait(self) -> None:
        """Return once all runs have ended."""
        self.ended.wait()

    def _conduct(self) -> None:
        remaining = iter(self.measurements)
        try:
            for batch in batches([each.spec for each in self.measurements]):
                self._measure([next(remaining) for _ in batch])
        finally:
            self.ended.set()
            self._spares.refill()

    def _begin(self, measurement: Measurement) -> None:
        try:
            addresses = self._addresses(measurement.spec)
            child = self._spares.take()
        except ServiceUnavailable as error:
            measurement.end_early(error)
        except OSError as error:
            measurement.end_early(RunFailed(type(error).__name__, str(error)))
        else:
            measurement.begin(child, addresses)

    def _addresses(self, spec: RunSpec) -> dict[str, str]:
        self.starting = spec.needs
        try:
            return self._services.addresses(spec)
        finally:
            self.starting = ()

    def _measure(self, together: list[Measurement]) -> None:
        for measurement in together:
            if self._stopped.is_set():
                return
            self._begin(measurement)
        for measurement in together:
            measurement.prepared.wait(PREPARE_LIMIT_S)
        for measurement in together:
            measurement.go()
        for measurement in together:
            measurement.ended.wait()
