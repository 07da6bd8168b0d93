"""The controls: widgets that become specs."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import LoopscopeError, TooLong
from core.ideal import NS_PER_S, ideal, refuse_too_long
from core.jobs import Spread
from core.patterns import PATTERNS
from core.spec import ExecutorKind, RunSpec, specs_for
from core.units import NS_PER_MS, duration_text
from core.words import _

TASKS = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 75),
    *(100, 150, 200, 300, 500, 1_000, 2_000, 3_000, 5_000, 10_000),
)
SLEEPS_MS = (
    *(1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 400, 500, 750),
    *(1_000, 1_500, 2_000, 3_000, 4_000, 5_000),
)
WORKERS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)
AUTOMATIC_UP_TO_S = 3.0
FIRST_RACE = ("sequential", "gather", "run_in_executor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the controls ask for: the runs that can be measured, and why others cannot."""

    specs: tuple[RunSpec, ...]
    refusals: tuple[str, ...]

    @property
    def slowest_ideal_s(self) -> float:
        """The ideal wall time of the slowest run in seconds; 0 without runs."""
        return max((ideal(spec).wall_ns for spec in self.specs), default=0) / NS_PER_S


def race() -> Asked:
    """Show the controls of a comparison and return what they ask for."""
    patterns = st.pills(
        _("Patterns to race"),
        list(PATTERNS),
        selection_mode="multi",
        default=list(FIRST_RACE),
        key="patterns",
        persist_state="session",
        help=_("Each is measured in a process of its own; the first is the baseline."),
    )
    chosen = [name for name in PATTERNS if name in (patterns or ())]
    chosen.sort(key=lambda name: name not in FIRST_RACE)
    if not chosen:
        return Asked(specs=(), refusals=(_("Choose at least one pattern."),))
    return _settings("compare", chosen)


def one(pattern: str, *, spread: Spread) -> Asked:
    """Show the controls of one pattern's lesson and return what they ask for."""
    return _settings(pattern, [pattern], spread=spread)


def _settings(page: str, patterns: Sequence[str], *, spread: Spread = Spread.EQUAL) -> Asked:
    left, right = st.columns(2)
    with left:
        tasks = st.select_slider(
            _("Tasks"),
            TASKS,
            5,
            format_func=lambda count: f"{count:,}",
            key=f"{page} tasks",
            persist_state="session",
            help=_("The number of jobs."),
        )
    with right:
        sleep_ms = st.select_slider(
            _("Sleep"),
            SLEEPS_MS,
            200,
            format_func=lambda each: duration_text(each * NS_PER_MS),
            key=f"{page} sleep",
            persist_state="session",
            help=_(
                "How long each job waits: a coroutine with asyncio.sleep, others with time.sleep."
            ),
        )
    with st.container(horizontal=True, gap="large"):
        executor, workers = _executor(page, patterns)
        spread = _spread(page, spread)
    return _asked(
        patterns,
        tasks=tasks,
        sleep_s=sleep_ms / 1_000,
        executor=executor,
        workers=workers,
        spread=spread,
    )


def _executor(page: str, patterns: Sequence[str]) -> tuple[str | None, int | None]:
    if not any(PATTERNS[name].takes_executor for name in patterns):
        return None, None
    names = {
        ExecutorKind.DEFAULT: _("default"),
        ExecutorKind.THREADS: _("threads"),
        ExecutorKind.PROCESSES: _("processes"),
    }
    executor = st.segmented_control(
        _("Executor"),
        list(names),
        default=ExecutorKind.DEFAULT,
        required=True,
        format_func=lambda kind: names[kind],
        key=f"{page} executor",
        persist_state="session",
        help=_("Where run_in_executor sends its blocking jobs."),
    )
    if executor in (None, ExecutorKind.DEFAULT):
        return executor, None
    workers = st.select_slider(
        _("Workers"),
        WORKERS,
        3,
        key=f"{page} workers",
        persist_state="session",
        width=320,
        help=_("How many jobs the executor takes at once."),
    )
    return executor, workers


def _spread(page: str, first: Spread) -> Spread:
    names = {Spread.EQUAL: _("all equal"), Spread.FALLING: _("longest first")}
    chosen = st.segmented_control(
        _("Sleep times"),
        list(names),
        default=first,
        required=True,
        format_func=lambda spread: names[spread],
        key=f"{page} spread",
        persist_state="session",
        help=_(
            "Longest first: each job sleeps less than the one before it, so they end in reverse."
        ),
    )
    return chosen or first


def _asked(patterns: Sequence[str], **settings: object) -> Asked:
    specs: list[RunSpec] = []
    refusals: list[str] = []
    for name in patterns:
        try:
            (spec,) = specs_for([name], **settings)  # type: ignore[arg-type]
            refuse_too_long(spec)
        except TooLong as error:
            refusals.append(str(error))
        except LoopscopeError as error:
            refusals.append(f"{name}: {error}")
        else:
            specs.append(spec)
    return Asked(specs=tuple(specs), refusals=tuple(refusals))
