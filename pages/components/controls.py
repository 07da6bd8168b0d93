"""The controls: what a page's widgets ask for, as specs."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import LoopscopeError, TooLong
from core.patterns import PATTERNS
from core.spec.admission import check_limits, specs_within
from core.spec.ideal import NS_PER_S, ideal
from core.spec.limits import LIMITS
from core.spec.run_spec import SETTINGS, USUAL, ExecutorKind, RunSpec
from core.text.language import _
from core.workloads import WORKLOADS
from pages.components.knobs import Defaults, Knobs, Settings, choose
from pages.components.link import Link
from pages.components.look import PageLayout

AUTOMATIC_UP_TO_S = 3.0
FIRST_RACE = ("sequential", "gather", "run_in_executor")
BASICS = (
    *("sequential", "create_task", "gather", "gather_results"),
    *("run_in_executor", "task_group", "threads", "blocking_loop"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChoice:
    """One of the runs that a page sets side by side.

    A workload of None is the usual one, an executor of None is left to the page's visitor.
    """

    pattern: str
    workload: str | None = None
    executor: ExecutorKind | None = None

    @property
    def settings(self) -> Settings:
        """What the page itself decides of a run."""
        settings = Settings(workload=self.workload)
        if self.executor is not None:
            settings["executor"] = self.executor
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What the controls ask for: the runs that can be measured, and why others cannot."""

    specs: tuple[RunSpec, ...]
    refusals: tuple[str, ...]

    @property
    def slowest_ideal_s(self) -> float:
        """The ideal wall time of the slowest run in seconds; 0 without runs."""
        return max((ideal(spec).wall_ns for spec in self.specs), default=0) / NS_PER_S


def race(link: Link, layout: PageLayout) -> RunRequest:
    """Show the controls of a comparison and return what they ask for."""
    with layout.choices:
        basics = _pills(link, "patterns", _("Patterns to race"), BASICS, FIRST_RACE, labelled=False)
    with layout.menu:
        pitfalls, one_fails = _pitfalls(link)
        workload = _workload(link)
    chosen = [name for name in PATTERNS if name in (*basics, *pitfalls)]
    if not chosen:
        return RunRequest(specs=(), refusals=(_("Choose at least one pattern."),))
    chosen.sort(key=lambda name: name not in FIRST_RACE)
    choices = [RunChoice(pattern=name, workload=workload) for name in chosen]
    return several(link, layout, choices, Defaults(one_fails=one_fails))


def _pitfalls(link: Link) -> tuple[Sequence[str], bool]:
    """Show what else can be raced; return what is chosen of it, and whether a job of each fails."""
    with st.expander(_("Pitfalls")):
        rest = [name for name in PATTERNS if name not in BASICS]
        chosen = _pills(link, "pitfalls", _("Patterns of the pitfalls"), rest, ())
        one_fails = st.toggle(
            _("One job fails"),
            key=link.switch("one fails", first=False),
            persist_state="session",
            help=_("Choose below which job, and when."),
        )
    return chosen, one_fails


def _workload(link: Link) -> str | None:
    """Show what the jobs of a comparison can do; None is to sleep, or to block."""
    chosen: str = choose(link, SETTINGS["workload"], USUAL)
    return None if chosen == USUAL else chosen


def several(
    link: Link, layout: PageLayout, choices: Sequence[RunChoice], defaults: Defaults
) -> RunRequest:
    """Show the controls that a page's runs share and return what they ask for."""
    workload = choices[0].workload
    knobs = Knobs(
        link=link,
        layout=layout,
        patterns=[PATTERNS[choice.pattern] for choice in choices],
        defaults=defaults,
        workload=None if workload is None else WORKLOADS[workload],
        chooses_executor=not any(choice.executor for choice in choices),
    )
    return _request(choices, knobs.settings())


def _pills(
    link: Link,
    name: str,
    label: str,
    names: Sequence[str],
    first: Sequence[str],
    *,
    labelled: bool = True,
) -> Sequence[str]:
    return st.pills(
        label,
        names,
        selection_mode="multi",
        default=list(first),
        key=link.some_of(name, names, first),
        persist_state="session",
        help=_("Each is measured in a process of its own; the first is the baseline."),
        label_visibility="visible" if labelled else "collapsed",
    )


def _request(choices: Sequence[RunChoice], settings: Settings) -> RunRequest:
    specs: list[RunSpec] = []
    refusals: list[str] = []
    for choice in choices:
        try:
            specs.append(_spec(choice, settings))
        except TooLong as error:
            refusals.append(str(error))
        except LoopscopeError as error:
            refusals.append(f"{choice.pattern}: {error}")
    return RunRequest(specs=tuple(specs), refusals=tuple(refusals))


def _spec(choice: RunChoice, settings: Settings) -> RunSpec:
    (spec,) = specs_within(LIMITS, [choice.pattern], settings | choice.settings)
    check_limits(spec, LIMITS)
    return spec
