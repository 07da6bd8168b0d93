"""What to run: `RunSpec`, whose body is the table of all settings, one entry each.

It cannot hold a bad value. It knows the registries of patterns and workloads: otherwise it could
hold a name that does not exist, and everybody who is given one would have to check. It knows
nothing of the limits of a server: those are for the doors by which runs come in to be measured, see
`core.spec.admission`.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Self

from core.errors import check_one_of
from core.jobs import OwnProgram, Plan, Spread
from core.patterns import PATTERNS
from core.spec import takers
from core.spec.limits import Limits, default_pool_size
from core.spec.settings import (
    ENTRY,
    MILLISECONDS,
    PERCENT,
    SECONDS,
    SHARE,
    SLEEPS_MS,
    TASK_COUNTS,
    WHOLE_NUMBER,
    Place,
    Scale,
    Setting,
    Widget,
    buttons,
    frozen,
    one_of,
    setting,
    words_text,
)
from core.spec.takers import IN_PROCESSES, USUAL, ExecutorKind
from core.text.language import lazy
from core.workloads import WORKLOADS, Workload, twin_of

__all__ = ["IN_PROCESSES", "SETTINGS", "USUAL", "ExecutorKind", "Program", "RunSpec"]

DEFAULT_TASKS, DEFAULT_SLEEP_S = 5, 0.2
DEFAULT_LIMIT, DEFAULT_CONNECTIONS, DEFAULT_RATE = 10, 20, 20


class _OfSettings:
    """What has a pattern and the settings that `SETTINGS` has now, and is equal by value."""

    def __init__(self, *, pattern: object, **given: object) -> None:
        unknown = given.keys() - SETTINGS.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no setting {min(unknown)!r}")
        self.__dict__.update(resolved(pattern, given))

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))


@frozen
class RunSpec(_OfSettings):
    """One pattern with one workload, and how much of it.

    A pattern that takes no executor has `executor` and `workers` None. Where the pattern takes
    one, `executor` None becomes `default`, and `workers` None becomes what Python's own pools
    choose; the loop's default pool chooses for itself, so there it stays None. In the same way
    `limit` and `timeout_s` are filled in for patterns that take them, and None for all others.

    Raises:
        BadValue: On creation, if a value is outside of what is allowed.
    """

    pattern: str
    """The name of a pattern."""

    tasks: int = setting(
        default=DEFAULT_TASKS,
        kind=WHOLE_NUMBER,
        bounds=takers.most_tasks,
        option="tasks",
        metavar="N",
        help=lazy("number of jobs (default: {count})", count=DEFAULT_TASKS),
        widget=Widget(
            place=Place.BAR,
            label=lazy("Tasks"),
            meaning=lazy("How many jobs."),
            first=DEFAULT_TASKS,
            positions=TASK_COUNTS,
        ),
    )
    sleep_s: float = setting(
        default=DEFAULT_SLEEP_S,
        kind=SECONDS,
        bounds=takers.longest,
        option="sleep",
        metavar="SECONDS",
        help=lazy("how long each job sleeps (default: {seconds})", seconds=DEFAULT_SLEEP_S),
        widget=Widget(
            place=Place.BAR,
            label=takers.length_label,
            meaning=takers.length_meaning,
            first=DEFAULT_SLEEP_S,
            positions=SLEEPS_MS,
            scale=MILLISECONDS,
        ),
    )
    """How long each job sleeps, or the one that sleeps longest."""
    workload: str | None = setting(
        default=None,
        kind=one_of(WORKLOADS),
        refusal=takers.unfit,
        is_shared=False,
        fill=takers.usual_workload,
        option="workload",
        metavar="W",
        help=lazy("{words} (default: sleep, or block in threads)", words=", ".join(WORKLOADS)),
        widget=Widget(
            place=Place.MENU,
            label=lazy("Kind of job"),
            meaning=lazy(
                "The same work for every pattern, as a coroutine or as a blocking function."
            ),
            first=USUAL,
            positions=(USUAL, *takers.of_both_kinds()),
            scale=Scale(shown=takers.workload_title),
            as_buttons=True,
        ),
    )
    """What one job does; None for the workload of the pattern's kind."""
    executor: str | None = setting(
        default=None,
        kind=one_of(ExecutorKind),
        refusal=takers.no_executor,
        fill=lambda _draft, _limits: str(ExecutorKind.DEFAULT),
        option="executor",
        metavar="E",
        help=words_text(ExecutorKind, ExecutorKind.DEFAULT),
        widget=buttons(
            place=Place.BAR,
            label=lazy("Executor"),
            meaning=lazy("Where run_in_executor sends its blocking jobs."),
            first=ExecutorKind.DEFAULT,
            names=takers.EXECUTOR_NAMES,
        ),
    )
    """Where blocking jobs go."""
    workers: int | None = setting(
        default=None,
        kind=WHOLE_NUMBER,
        bounds=takers.most_workers,
        refusal=takers.no_pool,
        fill=takers.workers_of_machine,
        option="workers",
        metavar="K",
        help=lazy("size of the executor's pool (default: as many as Python's own pools have)"),
        widget=Widget(
            place=Place.BAR,
            label=lazy("Workers"),
            meaning=lazy("How many jobs the executor takes at once."),
            first=3,
            positions=(1, 2, 3, 4, 5, 6, 8, 10, 12, 16),
        ),
    )
    """The size of a pool of threads or processes, or how many Dask workers."""
    spread: str = setting(
        default=str(Spread.EQUAL),
        kind=one_of(Spread),
        option="spread",
        metavar="S",
        help=words_text(Spread, Spread.EQUAL),
        widget=buttons(
            place=Place.MENU,
            label=takers.spread_label,
            meaning=lazy(
                "Longest first: each job takes less than the one before, so they end in reverse."
            ),
            first=Spread.EQUAL,
            names={Spread.EQUAL: lazy("all equal"), Spread.FALLING: lazy("longest first")},
        ),
    )
    """How the jobs' sleep times relate to one another."""
    limit: int | None = setting(
        default=None,
        kind=WHOLE_NUMBER,
        bounds=takers.most_at_once,
        refusal=takers.no_limit,
        fill=lambda _draft, _limits: DEFAULT_LIMIT,
        option="limit",
        metavar="L",
        help=lazy(
            "how many jobs semaphore and queue admit (default: {count})", count=DEFAULT_LIMIT
        ),
        widget=Widget(
            place=Place.BAR,
            label=lazy("Limit"),
            meaning=lazy("How many jobs a semaphore admits, and how many workers a queue has."),
            first=DEFAULT_LIMIT,
            positions=(1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000),
        ),
    )
    """How many jobs a pattern lets proceed at a time."""
    timeout_s: float | None = setting(
        default=None,
        kind=SECONDS,
        bounds=takers.longest,
        refusal=takers.no_timeout,
        fill=takers.long_enough,
        option="timeout",
        metavar="SECONDS",
        help=lazy("after how long patterns give up (default: half of the sleep; with locks, 3 x)"),
        widget=Widget(
            place=Place.BAR,
            label=lazy("Time-out"),
            meaning=lazy("After how long the patterns with a time-out give up."),
            first=0.1,
            positions=SLEEPS_MS,
            scale=MILLISECONDS,
        ),
    )
    """After how long a pattern gives up; `Pattern.gives_up_after` times `sleep_s` if left open."""
    failing: int | None = setting(
        default=None,
        kind=WHOLE_NUMBER,
        bounds=takers.one_of_the_tasks,
        option="failing",
        metavar="JOB",
        help=lazy("number of the job that fails (default: none)"),
        widget=Widget(
            place=Place.FAILURE,
            label=lazy("Failing job"),
            meaning=lazy("The number of the job that raises an error."),
            first=3,
            positions=(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50, 100),
        ),
    )
    """The number of the job that fails, counted from 1; None for none."""
    failing_after_s: float | None = setting(
        default=None,
        kind=SECONDS,
        bounds=takers.longest,
        refusal=takers.none_fails,
        is_shared=False,
        fill=takers.half_of_sleep,
        option="failing-after",
        metavar="SECONDS",
        help=lazy("how long that job sleeps first (default: half of the sleep)"),
        widget=Widget(
            place=Place.FAILURE,
            label=lazy("Fails after"),
            meaning=lazy("How long that job sleeps before it fails."),
            first=0.12,
            positions=SLEEPS_MS,
            scale=MILLISECONDS,
        ),
    )
    """How long that job sleeps first; half of `sleep_s` if it is left open."""
    connections: int | None = setting(
        default=None,
        kind=WHOLE_NUMBER,
        bounds=takers.most_connections,
        refusal=takers.no_connection,
        fill=lambda _draft, _limits: DEFAULT_CONNECTIONS,
        option="connections",
        metavar="C",
        help=lazy("how many connections jobs share (default: {count})", count=DEFAULT_CONNECTIONS),
        widget=Widget(
            place=Place.BAR,
            label=lazy("Connections"),
            meaning=lazy("How many connections the jobs of a run share."),
            first=DEFAULT_CONNECTIONS,
            positions=(1, 2, 3, 5, 10, 20, 50, 90, 100, 200, 500),
        ),
    )
    """How many connections the jobs of a run share, where their workload connects."""
    failure_rate: float | None = setting(
        default=None,
        kind=SHARE,
        refusal=takers.never_refused,
        fill=lambda _draft, _limits: 0.0,
        option="failure-rate",
        metavar="SHARE",
        help=lazy("share of requests refused, from 0 to 1 (default: 0)"),
        url="refused",
        widget=Widget(
            place=Place.MENU,
            label=lazy("Refused"),
            meaning=lazy("Which share of the requests the server refuses."),
            first=0.0,
            positions=(0, 10, 25, 50),
            scale=PERCENT,
            as_buttons=True,
        ),
    )
    """The share of jobs that the workload's service refuses, from 0 to 1."""
    rate: int | None = setting(
        default=None,
        kind=WHOLE_NUMBER,
        bounds=takers.most_per_second,
        refusal=takers.no_rate,
        fill=lambda _draft, _limits: DEFAULT_RATE,
        option="rate",
        metavar="R",
        help=lazy("requests a second of rate_limited (default: {count})", count=DEFAULT_RATE),
        widget=Widget(
            place=Place.BAR,
            label=lazy("Requests/s"),
            meaning=lazy("How many the server lets in, and how many rate_limited makes."),
            first=DEFAULT_RATE,
            positions=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000),
        ),
    )
    """How many requests the workload's service lets in a second, and a pattern makes."""

    @property
    def name(self) -> str:
        """What the program is called: the name of its pattern."""
        return self.pattern

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
            rate=self.rate or 0,
        )

    @property
    def pool_size(self) -> int | None:
        """How many workers the executor has; None for a pattern that takes none."""
        if self.executor == ExecutorKind.DEFAULT:
            return default_pool_size()
        return self.workers

    def as_dict(self) -> dict[str, object]:
        """Return the pattern and the values as plain data, ready for JSON."""
        return self.__dict__.copy()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the spec that `as_dict` described, checked anew."""
        return cls(**values)


SETTINGS: dict[str, Setting] = {
    each.name: each.metadata[ENTRY] for each in fields(RunSpec) if ENTRY in each.metadata
}
"""The settings of a run by their names, in the order in which each is checked."""

Program = RunSpec | OwnProgram
"""What a timeline is of: a run of the catalogue, or a program of somebody's own."""


def resolved(
    pattern: object,
    given: Mapping[str, object],
    limits: Limits | None = None,
    *,
    leaves_out: bool = False,
) -> dict[str, Any]:
    """Return all values of a run, each checked, and filled in where it was left open.

    Args:
        pattern: The name of its pattern.
        given: Settings by their names.
        limits: Those that the values must keep; None where they do not matter.
        leaves_out: Whether what the pattern does not take is left out, rather than refused.

    Raises:
        BadValue: For the first value that is outside of what is allowed.
    """
    draft: dict[str, Any] = {"pattern": check_one_of("pattern", pattern, tuple(PATTERNS))}
    for name, entry in SETTINGS.items():
        asked = given.get(name, entry.default)
        draft[name] = entry.resolved(asked, draft, limits, leaves_out=leaves_out)
    return draft
