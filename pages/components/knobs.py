"""The knobs: one widget for each setting of a page's runs, shown where a run takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.jobs import Spread
from core.patterns import Pattern
from core.spec.run_spec import ExecutorKind, Settings
from core.text.language import _
from core.text.numbers import NS_PER_MS, duration_text, number_text
from core.workloads.record import Workload
from pages.components.link import Link
from pages.components.look import SIDE_BY_SIDE, PageLayout

TASKS = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 75),
    *(100, 150, 200, 300, 500, 1_000, 2_000, 3_000, 5_000),
    *(10_000, 20_000, 50_000, 100_000),
)
SLEEPS_MS = (
    *(1, 2, 5, 10, 20, 50, 100, 120, 150, 200, 300, 400, 500, 750),
    *(1_000, 1_500, 2_000, 3_000, 4_000, 5_000),
)
CONNECTIONS = (1, 2, 3, 5, 10, 20, 50, 90, 100, 200, 500)
REFUSED_PERCENT = (0, 10, 25, 50)
WORKERS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)
LIMITS_AT_ONCE = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)
FAILING = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50, 100)

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """Where the knobs of a page stand at first, and whether one of its jobs fails."""

    tasks: int = 5
    sleep_ms: int = 200
    spread: Spread = Spread.EQUAL
    limit: int = 10
    timeout_ms: int = 100
    failing: int = 3
    failing_after_ms: int = 120
    workers: int = 3
    connections: int = 20
    one_fails: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """The widgets of one page.

    Attributes:
        link: The page's link, in which the widgets have their places.
        layout: Where on the page they stand.
        patterns: What is run on it.
        defaults: Where the widgets stand at first.
        workload: What a job does on it, where it is not the usual thing.
        chooses_executor: Whether its visitor chooses the executor, rather than the page itself.
    """

    link: Link
    layout: PageLayout
    patterns: Sequence[Pattern]
    defaults: Defaults
    workload: Workload | None = None
    chooses_executor: bool = True

    def settings(self) -> Settings:
        """Show the knobs that the patterns take and return where they stand."""
        with self.layout.details:
            settings = self._executor() | self._limit() | self._timeout() | self._connections()
        settings |= self._sizes()
        with self.layout.spread:
            settings |= self._spread()
        if not self.defaults.one_fails:
            return settings
        with self.layout.failure:
            return settings | self._failure()

    def _sizes(self) -> Settings:
        with self.layout.tasks:
            tasks = self._number(
                "tasks", _("Tasks"), TASKS, self.defaults.tasks, _("How many jobs.")
            )
        if self.workload is not None and not self.workload.is_timed:
            return Settings(tasks=tasks, sleep_s=0)
        with self.layout.length:
            label, meaning = self._length()
            sleep_ms = self._milliseconds("sleep", label, self.defaults.sleep_ms, meaning)
        return Settings(tasks=tasks, sleep_s=sleep_ms / 1_000)

    def _length(self) -> tuple[str, str]:
        if self.workload is None:
            return _("Sleep"), _(
                "How long a job waits: a coroutine with asyncio.sleep, others with time.sleep."
            )
        if self.workload.uses_cpu:
            return _("Work"), _(
                "How long a job calculates on this machine, if nothing disturbs it."
            )
        return _("Server's time"), _("How long the server takes to answer a job.")

    def _executor(self) -> Settings:
        if not any(pattern.takes_executor for pattern in self.patterns):
            return Settings()
        if not self.chooses_executor:
            return self._workers()
        names = {
            ExecutorKind.DEFAULT: _("default"),
            ExecutorKind.THREADS: _("threads"),
            ExecutorKind.PROCESSES: _("processes"),
            ExecutorKind.DASK: _("Dask"),
        }
        executor = self._choice(
            "executor",
            _("Executor"),
            names,
            ExecutorKind.DEFAULT,
            meaning=_("Where run_in_executor sends its blocking jobs."),
        )
        if executor is ExecutorKind.DEFAULT:
            return Settings(executor=executor)
        return Settings(executor=executor) | self._workers()

    def _workers(self) -> Settings:
        meaning = _("How many jobs the executor takes at once.")
        with self._place("workers"):
            workers = self._number("workers", _("Workers"), WORKERS, self.defaults.workers, meaning)
        return Settings(workers=workers)

    def _connections(self) -> Settings:
        if self.workload is None or not self.workload.connects:
            return Settings()
        meaning = _("How many connections the jobs of a run share.")
        with self._place("connections"):
            connections = self._number(
                "connections", _("Connections"), CONNECTIONS, self.defaults.connections, meaning
            )
        rates = {str(percent): f"{percent}%" for percent in REFUSED_PERCENT}
        meaning = _("Which share of the requests the server refuses.")
        refused = self._choice("refused", _("Refused"), rates, "0", meaning=meaning)
        return Settings(connections=connections, failure_rate=int(refused) / 100)

    def _limit(self) -> Settings:
        if not any(pattern.takes_limit for pattern in self.patterns):
            return Settings()
        meaning = _("How many jobs a semaphore admits, and how many workers a queue has.")
        with self._place("limit"):
            limit = self._number("limit", _("Limit"), LIMITS_AT_ONCE, self.defaults.limit, meaning)
        return Settings(limit=limit)

    def _timeout(self) -> Settings:
        if not any(pattern.takes_timeout for pattern in self.patterns):
            return Settings()
        meaning = _("After how long the patterns with a time-out give up.")
        with self._place("timeout"):
            timeout_ms = self._milliseconds(
                "timeout", _("Time-out"), self.defaults.timeout_ms, meaning
            )
        return Settings(timeout_s=timeout_ms / 1_000)

    def _spread(self) -> Settings:
        names = {Spread.EQUAL: _("all equal"), Spread.FALLING: _("longest first")}
        spread = self._choice(
            "spread",
            _("Sleep times") if self.workload is None else _("Lengths of the jobs"),
            names,
            self.defaults.spread,
            meaning=_(
                "Longest first: each job takes less than the one before, so they end in reverse."
            ),
        )
        return Settings(spread=spread)

    def _failure(self) -> Settings:
        left, middle, _right = st.columns(SIDE_BY_SIDE)
        with left:
            meaning = _("The number of the job that raises an error.")
            failing = self._number(
                "failing", _("Failing job"), FAILING, self.defaults.failing, meaning
            )
        with middle:
            meaning = _("How long that job sleeps before it fails.")
            after_ms = self._milliseconds(
                "failing after", _("Fails after"), self.defaults.failing_after_ms, meaning
            )
        return Settings(failing=failing, failing_after_s=after_ms / 1_000)

    def _place(self, name: str) -> DeltaGenerator:
        """Return the place of a slider that is as wide as those below it, see `look.css`."""
        return st.container(key=f"{self.link.page} {name} knob")

    def _number(self, name: str, label: str, steps: Sequence[int], first: int, meaning: str) -> int:
        return st.select_slider(
            label,
            steps,
            first,
            format_func=number_text,
            key=self.link.one_of(name, {str(step): step for step in steps}, first),
            persist_state="session",
            help=meaning,
        )

    def _milliseconds(self, name: str, label: str, first: int, meaning: str) -> int:
        return st.select_slider(
            label,
            SLEEPS_MS,
            first,
            format_func=lambda each: duration_text(each * NS_PER_MS),
            key=self.link.one_of(name, {f"{step}ms": step for step in SLEEPS_MS}, first),
            persist_state="session",
            help=meaning,
        )

    def _choice(
        self, name: str, label: str, names: Mapping[Name, str], first: Name, *, meaning: str
    ) -> Name:
        chosen = st.segmented_control(
            label,
            list(names),
            default=first,
            required=True,
            format_func=lambda each: names[each],
            key=self.link.one_of(name, {str(each): each for each in names}, first),
            persist_state="session",
            help=meaning,
        )
        return chosen or first
