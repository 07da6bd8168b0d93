"""What to run: `RunSpec`, which cannot hold a bad value and keeps the limits.

It knows the registries of patterns and workloads: otherwise it could hold a name that does not
exist, and everybody who is given one would have to check.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self, TypedDict, Unpack

from core.errors import BadValue
from core.jobs import Plan, Spread
from core.patterns import PATTERNS, Pattern
from core.spec import checks
from core.spec.limits import LIMITS, Limits
from core.spec.machine import default_pool_size, default_process_count
from core.text.language import _
from core.workloads import DEFAULT_WORKLOADS, WORKLOADS, twin_of
from core.workloads.record import Workload


class ExecutorKind(StrEnum):
    """Where a blocking job can go."""

    DEFAULT = "default"
    THREADS = "threads"
    PROCESSES = "processes"
    DASK = "dask"


IN_PROCESSES = (ExecutorKind.PROCESSES, ExecutorKind.DASK)
"""The executors whose workers have an interpreter of their own each."""


DEFAULT_TASKS = 5
DEFAULT_SLEEP_S = 0.2
DEFAULT_LIMIT = 10
DEFAULT_CONNECTIONS = 20
_limits: ContextVar[Limits] = ContextVar("limits", default=LIMITS)


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """Let specs that are made in this context keep other limits: those of runs measured before."""
    token = _limits.set(limits)
    try:
        yield
    finally:
        _limits.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """One pattern with one workload, and how much of it.

    A pattern that takes no executor has `executor` and `workers` None. Where the pattern takes
    one, `executor` None becomes `default`, and `workers` None becomes what Python's own pools
    choose; the loop's default pool chooses for itself, so there it stays None. In the same way
    `limit` and `timeout_s` are filled in for patterns that take them, and None for all others.

    Attributes:
        pattern: The name of a pattern.
        tasks: How many jobs.
        sleep_s: How long each job sleeps, or the one that sleeps longest.
        workload: What one job does; None for the workload of the pattern's kind.
        executor: Where blocking jobs go.
        workers: The size of a pool of threads or processes, or how many Dask workers.
        spread: How the jobs' sleep times relate to one another.
        limit: How many jobs a pattern lets proceed at a time.
        timeout_s: After how long a pattern gives up; half of `sleep_s` if it is left open.
        failing: The number of the job that fails, counted from 1; None for none.
        failing_after_s: How long that job sleeps first; half of `sleep_s` if it is left open.
        connections: How many connections the jobs of a run share, where their workload connects.
        failure_rate: The share of jobs that the workload's service refuses, from 0 to 1.

    Raises:
        BadValue: On creation, if a value is outside of what is allowed.
    """

    pattern: str
    tasks: int = DEFAULT_TASKS
    sleep_s: float = DEFAULT_SLEEP_S
    workload: str | None = None
    executor: str | None = None
    workers: int | None = None
    spread: str = Spread.EQUAL
    limit: int | None = None
    timeout_s: float | None = None
    failing: int | None = None
    failing_after_s: float | None = None
    connections: int | None = None
    failure_rate: float | None = None

    def __post_init__(self) -> None:
        """Check every value and fill in those left open."""
        pattern = PATTERNS[_known_pattern(self.pattern)]
        usable = _("so that the machine stays usable for others")
        limits = _limits.get()
        checks.whole("tasks", self.tasks, most=limits.tasks, why=limits.why("tasks", usable))
        if pattern.thread_per_job:
            own = _("because each job gets a thread of its own")
            why = limits.why("threads_without_pool", own)
            checks.whole("tasks", self.tasks, most=limits.threads_without_pool, why=why)
        _slept("sleep", self.sleep_s)
        checks.one_of("spread", self.spread, tuple(Spread))
        self._set("sleep_s", float(self.sleep_s))
        self._set("workload", _workload_for(pattern, self.workload))
        executor = _executor_for(pattern, self.executor)
        self._set("executor", executor)
        self._set("workers", _workers_for(executor, self.workers))
        self._set("limit", _limit_for(pattern, self.limit))
        self._set("timeout_s", _timeout_for(pattern, self.timeout_s, self.sleep_s))
        self._set("failing_after_s", _failure_for(self))
        workload = WORKLOADS[str(self.workload)]
        self._set("connections", _connections_for(workload, self.connections))
        self._set("failure_rate", _failure_rate_for(workload, self.failure_rate))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @property
    def needs(self) -> tuple[str, ...]:
        """The services that must be up for this run, by their names in `core.services`."""
        in_dask = self.executor == ExecutorKind.DASK
        names = {self.job.needs, ExecutorKind.DASK.value if in_dask else None}
        if PATTERNS[self.pattern].takes_both_kinds:
            names.add(twin_of(self.job).needs)
        return tuple(sorted(name for name in names if name))

    @property
    def job(self) -> Workload:
        """The workload, of which each job is one call."""
        return WORKLOADS[str(self.workload)]

    @property
    def plan(self) -> Plan:
        """What each job does, but for where its service is."""
        return Plan(
            longest_s=self.sleep_s,
            count=self.tasks,
            spread=Spread(self.spread),
            failing=None if self.failing is None else self.failing - 1,
            failing_after_s=self.failing_after_s or 0.0,
            connections=self.connections or 1,
            failure_rate=self.failure_rate or 0.0,
        )

    @property
    def pool_size(self) -> int | None:
        """How many workers the executor has; None for a pattern that takes none."""
        if self.executor == ExecutorKind.DEFAULT:
            return default_pool_size()
        return self.workers

    def as_dict(self) -> dict[str, object]:
        """Return the values as plain data, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, object]) -> Self:
        """Return the spec that `as_dict` described, checked anew."""
        return cls(**values)  # type: ignore[arg-type]


class Settings(TypedDict, total=False):
    """What the specs of a comparison share; each is an attribute of `RunSpec`."""

    tasks: int
    sleep_s: float
    workload: str | None
    executor: str | None
    workers: int | None
    spread: str
    limit: int | None
    timeout_s: float | None
    failing: int | None
    failing_after_s: float | None
    connections: int | None
    failure_rate: float | None


def specs_for(patterns: Sequence[str], **settings: Unpack[Settings]) -> list[RunSpec]:
    """Return the specs of a comparison: the same settings for every pattern that they apply to.

    `executor`, `limit` and `timeout_s` are left out for a pattern that takes none, and `workers`
    wherever no pool of a chosen size is asked for. All are checked even so.

    Raises:
        BadValue: If there are no patterns or too many, or a value is outside of what is allowed.
    """
    why = _limits.get().why("runs", _("because each run has a process of its own"))
    checks.whole("runs", len(patterns), most=_limits.get().runs, why=why)
    _check_what_may_be_left_out(settings)
    return [
        RunSpec(pattern=name, **_applying_to(PATTERNS[_known_pattern(name)], settings))
        for name in patterns
    ]


def _known_pattern(given: object) -> str:
    return checks.one_of("pattern", given, tuple(PATTERNS))


def _check_what_may_be_left_out(settings: Settings) -> None:
    if (executor := settings.get("executor")) is not None:
        checks.one_of("executor", executor, tuple(ExecutorKind))
    if (workers := settings.get("workers")) is not None:
        _pool_size(workers, "threads")
    if (limit := settings.get("limit")) is not None:
        _admitted(limit)
    if (timeout_s := settings.get("timeout_s")) is not None:
        _slept("timeout", timeout_s)
    if (connections := settings.get("connections")) is not None:
        _connected(connections)
    if (failure_rate := settings.get("failure_rate")) is not None:
        checks.share("failure-rate", failure_rate)


def _applying_to(pattern: Pattern, settings: Settings) -> Settings:
    takes_workers = settings.get("executor") in (ExecutorKind.THREADS, *IN_PROCESSES)
    applying = settings.copy()
    if not pattern.takes_executor:
        applying["executor"] = None
    if not (pattern.takes_executor and takes_workers):
        applying["workers"] = None
    if not pattern.takes_limit:
        applying["limit"] = None
    if not pattern.takes_timeout:
        applying["timeout_s"] = None
    workload = WORKLOADS[_workload_for(pattern, settings.get("workload"))]
    if not workload.connects:
        applying["connections"] = None
        applying["failure_rate"] = None
    return applying


def _pool_size(given: object, limit: str) -> int:
    """Check a number of workers against a limit, given by its name."""
    why = _limits.get().why(limit, _("because each worker takes memory"))
    return checks.whole("workers", given, most=getattr(_limits.get(), limit), why=why)


def _workload_for(pattern: Pattern, given: object) -> str:
    if given is None:
        return DEFAULT_WORKLOADS[pattern.arranges]
    workload = WORKLOADS[checks.one_of("workload", given, tuple(WORKLOADS))]
    if pattern.arranges not in workload.kinds:
        fitting = [name for name, other in WORKLOADS.items() if pattern.arranges in other.kinds]
        raise BadValue(
            "workload",
            given,
            _("{pattern} arranges {kind} jobs, so it must be one of {names}").format(
                pattern=pattern.name, kind=pattern.arranges, names=", ".join(fitting)
            ),
        )
    if workload.opens is not None and pattern.makes_loop:
        raise BadValue(
            "workload",
            given,
            _("{pattern} makes an event loop of its own, in which nothing is opened for it").format(
                pattern=pattern.name
            ),
        )
    return workload.name


def _executor_for(pattern: Pattern, given: object) -> str | None:
    if given is not None:
        checks.one_of("executor", given, tuple(ExecutorKind))
    if pattern.takes_executor:
        return str(given or ExecutorKind.DEFAULT)
    if given is None:
        return None
    raise BadValue(
        "executor",
        given,
        _("{pattern} hands nothing to an executor, so leave it out").format(pattern=pattern.name),
    )


def _workers_for(executor: str | None, given: object) -> int | None:
    if executor == ExecutorKind.THREADS:
        return (
            min(default_pool_size(), _limits.get().threads)
            if given is None
            else _pool_size(given, "threads")
        )
    if executor in IN_PROCESSES:
        return (
            min(default_process_count(), getattr(_limits.get(), _limit_of(executor)))
            if given is None
            else _pool_size(given, _limit_of(executor))
        )
    if given is None:
        return None
    _pool_size(given, "threads")
    raise BadValue(
        "workers",
        given,
        _("only threads, processes and Dask workers let you choose it, so leave it out"),
    )


def _limit_of(executor: str | None) -> str:
    return "dask_workers" if executor == ExecutorKind.DASK else "processes"


def _slept(name: str, given: object) -> float:
    why = _limits.get().why("sleep_s", _("because no run may take longer"))
    return checks.seconds(name, given, most=_limits.get().sleep_s, why=why)


def _admitted(given: object) -> int:
    why = _("because no run has more tasks")
    return checks.whole("limit", given, most=_limits.get().tasks, why=why)


def _limit_for(pattern: Pattern, given: object) -> int | None:
    if pattern.takes_limit:
        return DEFAULT_LIMIT if given is None else _admitted(given)
    if given is None:
        return None
    raise BadValue(
        "limit",
        given,
        _("{pattern} lets no limited number of jobs proceed, so leave it out").format(
            pattern=pattern.name
        ),
    )


def _timeout_for(pattern: Pattern, given: object, sleep_s: float) -> float | None:
    if pattern.takes_timeout:
        return sleep_s / 2 if given is None else _slept("timeout", given)
    if given is None:
        return None
    raise BadValue(
        "timeout",
        given,
        _("{pattern} never gives up, so leave it out").format(pattern=pattern.name),
    )


def _failure_for(spec: RunSpec) -> float | None:
    """Check which job fails and return after how long it does."""
    after_s = spec.failing_after_s
    if spec.failing is None:
        if after_s is None:
            return None
        raise BadValue("failing-after", after_s, _("no job is to fail, so leave it out"))
    why = _("because there are no more tasks")
    checks.whole("failing", spec.failing, most=spec.tasks, why=why)
    if after_s is None:
        return spec.sleep_s / 2
    return _slept("failing-after", after_s)


def _connected(given: object) -> int:
    taking = _("because each connection takes a file descriptor on both sides")
    why = _limits.get().why("connections", taking)
    return checks.whole("connections", given, most=_limits.get().connections, why=why)


def _connections_for(workload: Workload, given: object) -> int | None:
    if workload.connects:
        return DEFAULT_CONNECTIONS if given is None else _connected(given)
    if given is None:
        return None
    raise BadValue(
        "connections",
        given,
        _("{workload} connects to nothing, so leave it out").format(workload=workload.name),
    )


def _failure_rate_for(workload: Workload, given: object) -> float | None:
    if given is None:
        return 0.0 if workload.connects else None
    if workload.connects:
        return checks.share("failure-rate", given)
    raise BadValue(
        "failure-rate",
        given,
        _("{workload} asks nobody who could refuse, so leave it out").format(
            workload=workload.name
        ),
    )
