"""Several runs with the same workload: side by side where they cannot disturb one another."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from core.errors import LoopscopeError, ServerFull, ServiceUnavailable
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement, run_failed
from core.measuring.turns import Cost, Lane, Opening, Rest, Turn, Turns, Wait
from core.patterns import PATTERNS
from core.services import Services
from core.spec.ideal import NS_PER_S, schedule
from core.spec.limits import has_gil, processors
from core.spec.run_spec import IN_PROCESSES, ExecutorKind, RunSpec
from core.text.language import speak, spoken
from core.workloads.failures import refusal

CPU_PER_JOB_S = 0.0005
CPU_PER_CHILD_S = 0.02
"""What an interpreter takes to start and to end."""
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
    return _share_of_sleepers(spec, _needed_by_jobs_s(spec))


def _share_of_sleepers(spec: RunSpec, needed_s: float) -> float:
    return needed_s / (schedule(spec).wall_ns / NS_PER_S + needed_s)


def cost_of(batch: Sequence[RunSpec]) -> Cost:
    """Return what it takes of the machine to measure runs at the same time."""
    return Cost(
        cores=min(sum(map(_cores, batch)), processors()),
        children=sum(map(_children, batch)),
        seconds=max(schedule(spec).wall_ns / NS_PER_S + _needed_s(spec) for spec in batch),
        lane=_lane(batch),
    )


def _lane(batch: Sequence[RunSpec]) -> Lane:
    needs_processors = any(spec.executor in IN_PROCESSES for spec in batch)
    busy = sum(map(_cpu_share, batch)) >= SHARE_THAT_IS_HEAVY
    return Lane.HEAVY if needs_processors or busy else Lane.LIGHT


def _needed_s(spec: RunSpec) -> float:
    return CPU_PER_RUN_S + _needed_by_jobs_s(spec)


def _needed_by_jobs_s(spec: RunSpec) -> float:
    return spec.tasks * CPU_PER_JOB_S + _own_children(spec) * CPU_PER_CHILD_S


def _cores(spec: RunSpec) -> float:
    """Return how many processors a run keeps busy; a pool of processes has them to itself."""
    if spec.executor in IN_PROCESSES:
        return float(spec.workers or 1)
    if not spec.job.uses_cpu:
        return _share_of_sleepers(spec, _needed_s(spec))
    return 1.0 if has_gil() else float(spec.pool_size or 1)


def _children(spec: RunSpec) -> int:
    workers = spec.workers or 0 if spec.executor in IN_PROCESSES else 0
    return 1 + _own_children(spec) + workers


def _own_children(spec: RunSpec) -> int:
    return spec.tasks if PATTERNS[spec.pattern].process_per_job else 0


class Comparison:
    """Runs that are measured for one chart, batch after batch, each when it is its turn.

    While it waits for its turn it has no thread.

    Attributes:
        measurements: One for each spec, in the order given.
        ended: Set once all runs have ended and nothing of them is alive.
        starting: The services that are being started for a run just now, by their names.
        waited_s: For how many seconds it has waited for its turns so far.
    """

    def __init__(
        self,
        specs: Sequence[RunSpec],
        spares: Spares,
        services: Services,
        *,
        turns: Turns | None = None,
        owner: Hashable = None,
        rest: Rest | None = None,
        on_end: "Callable[[Comparison], None]" = lambda comparison: None,  # noqa: ARG005
    ) -> None:
        """Start measuring as soon as it is its turn.

        Args:
            specs: The runs.
            spares: Gives the children.
            services: Gives what else the runs need.
            turns: Says when each batch may begin; without it, one begins after the other.
            owner: For whom it is measured: owners take turns, and each has one batch at a time.
            rest: Says when the page for which it is measured has come to rest; with it, no turn is
                asked for before that.
            on_end: Called once all has ended, just before `ended` is set, in whichever thread.
        """
        self._services = services
        self.measurements = [Measurement(spec) for spec in specs]
        self.ended = threading.Event()
        self.starting: tuple[str, ...] = ()
        self.waited_s = 0.0
        self._spares = spares
        self._turns = turns or Turns()
        self._owner = self if owner is None else owner
        self._on_end = on_end
        self._turn: Turn | None = None
        self._stopped = threading.Event()
        self._together: Sequence[Measurement] = ()
        self._language = spoken()
        remaining = iter(self.measurements)
        self._batches = iter([[next(remaining) for _ in batch] for batch in batches(specs)])
        self._rest = rest
        self._opening: Opening | None = None
        if rest is None:
            self._ask_for_next()
        else:
            self._opening = rest.wait(self._ask_for_next)

    @property
    def waiting(self) -> Wait | None:
        """How long it has to wait for its turn; None while it is measured and after its end."""
        turn = self._turn
        return None if turn is None or self.ended.is_set() else self._turns.wait_of(turn)

    @property
    def opens_pool(self) -> bool:
        """Whether a run that has begun waits for its worker processes."""
        return any(
            each.spec.executor in IN_PROCESSES
            for each in self._together
            if not each.prepared.is_set()
        )

    @property
    def size_bytes(self) -> int:
        """About how much memory its runs take."""
        return sum(each.size_bytes for each in self.measurements)

    def evict(self) -> None:
        """Forget what its ended runs measured, and say so: others need the room."""
        for each in self.measurements:
            each.evict()

    @property
    def at_rest(self) -> bool:
        """Whether it is measured only when its page has come to rest."""
        return self._rest is not None

    @property
    def awaits_paint(self) -> bool:
        """Whether it waits for its page to say that it is painted."""
        return (
            self._rest is not None
            and self._opening is not None
            and self._rest.awaits_paint(self._opening)
        )

    def painted(self) -> None:
        """Note that the page is painted for which it is measured."""
        if self._rest is not None and self._opening is not None:
            self._rest.painted(self._opening)

    def stop(self) -> None:
        """End all runs now; those that have ended keep what they measured."""
        self._stopped.set()
        withdrawn = self._withdraw()
        for measurement in self.measurements:
            measurement.stop()
        if withdrawn:
            self._finish()

    def _withdraw(self) -> bool:
        """Wait no longer, be it for rest or for a turn; return whether it did."""
        if self._rest is not None and self._opening is not None:
            withdrawn = self._rest.withdraw(self._opening)
            if withdrawn:
                return True
        return self._turn is not None and self._turns.withdraw(self._turn)

    def wait(self) -> None:
        """Return once all runs have ended."""
        self.ended.wait()

    def _ask_for_next(self) -> None:
        batch = next(self._batches, None)
        if batch is None or self._stopped.is_set():
            self._finish()
            return
        begin = partial(self._begin_batch, batch, time.monotonic())
        try:
            self._turn = self._turns.ask(self._owner, cost_of([each.spec for each in batch]), begin)
        except ServerFull as error:
            self._finish(error)
        # `stop` may have come after the look above, when there was no turn yet to withdraw.
        if self._stopped.is_set():
            self.stop()

    def _finish(self, error: LoopscopeError | None = None) -> None:
        """Note that all has ended; what has not begun ends with the error, if there is one."""
        if error is not None:
            for measurement in self.measurements:
                measurement.end_early(error)
        try:
            self._on_end(self)
        finally:
            self.ended.set()
        self._spares.refill()  # not sooner: an interpreter that starts would be felt by the run

    def _begin_batch(self, together: list[Measurement], asked_s: float, turn: Turn) -> None:
        self.waited_s += time.monotonic() - asked_s
        conduct = partial(self._conduct, together, turn)
        try:
            threading.Thread(target=conduct, name="comparison", daemon=True).start()
        except RuntimeError as error:
            self._turns.end(turn)
            self._finish(run_failed(refusal(error)))

    def _conduct(self, together: list[Measurement], turn: Turn) -> None:
        speak(self._language)  # errors that are met here are read by whoever asked
        try:
            self._measure(together)
        finally:
            self._turns.end(turn)
            self._ask_for_next()

    def _begin(self, measurement: Measurement) -> None:
        try:
            addresses = self._addresses(measurement.spec)
            child = self._spares.take()
        except ServiceUnavailable as error:
            measurement.end_early(error)
        except (OSError, RuntimeError) as error:  # no more processes, or threads
            measurement.end_early(run_failed(refusal(error)))
        else:
            stuck = partial(self._services.stuck, measurement.spec)
            measurement.begin(child, addresses, stuck_services=stuck)

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
        self._together = together
        # Runs that are drawn on one axis begin together, however long each took to prepare.
        for measurement in together:
            measurement.prepared.wait()  # each ends what is not prepared in time
        for measurement in together:
            measurement.go()
        for measurement in together:
            measurement.ended.wait()
