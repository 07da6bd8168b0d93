"""The controls: what a page's widgets ask for, as specs.

What each setting is, and which runs take it, stands in the table of settings
(`core.spec.run_spec`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import LoopscopeError, PythonTooOld, TooLong
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.spec.admission import check_limits, specs_within
from core.spec.ideal import NS_PER_S, schedule
from core.spec.limits import LIMITS
from core.spec.run_spec import SETTINGS, USUAL, ExecutorKind, RunSpec
from core.spec.settings import Place, Setting
from core.text.language import _
from core.workloads import WORKLOADS, Workload
from pages.components import look
from pages.components.link import Link
from pages.components.look import PageLayout

Settings = dict[str, Any]
"""Values by the names of their settings, as `RunSpec` takes them."""


class Defaults:
    """Where the knobs of a page stand at first, if not as usual, and whether a job of it fails."""

    def __init__(self, *, one_fails: bool = False, **first: Any) -> None:
        """Keep values by the names of their settings."""
        self.one_fails = one_fails
        self._first = first

    def sets(self, name: str) -> bool:
        """Return whether the page says where a widget stands."""
        return name in self._first

    def of(self, name: str) -> Any:
        """Return where a widget stands at first."""
        widget = SETTINGS[name].widget
        return self._first.get(name, None if widget is None else widget.first)


MOST_IN_HALL = 4
"""How many sliders stand in one row of a projected page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """The widgets of one page.

    Attributes:
        link: The page's link, in which the widgets have their places.
        layout: Where on the page they stand.
        patterns: What is run on it.
        defaults: Where the widgets stand at first.
        workload: What a job does on it, where it is not the usual thing.
        executors: Those that the page itself chooses, rather than its visitor.
        opens_with: What is run on it when it opens, if its visitor chooses that, too.
    """

    link: Link
    layout: PageLayout
    patterns: Sequence[Pattern]
    defaults: Defaults
    workload: Workload | None = None
    executors: Sequence[ExecutorKind] = ()
    opens_with: Sequence[Pattern] = ()

    def settings(self) -> Settings:
        """Show the knobs that the patterns take and return where they stand."""
        chosen, first = Settings(), Settings()
        for place in Place:
            if place is not Place.FAILURE or self.defaults.one_fails:
                self._show(place, chosen, first)
        return chosen

    def _show(self, place: Place, chosen: Settings, first: Settings) -> None:
        names = [
            name
            for name, entry in SETTINGS.items()
            if entry.widget is not None and entry.widget.place is place
        ]
        folded = self._without_room(names) if place is Place.BAR else ()
        for name in names:
            if self._has(name, chosen):
                first[name] = self._at_first(name, first | _executor_of(chosen))
                with self.layout.menu if name in folded else self._room(name, place):
                    chosen[name] = choose(self.link, SETTINGS[name], first[name], self.workload)
            elif name == "sleep_s":
                chosen[name] = 0

    def _without_room(self, names: Sequence[str]) -> Sequence[str]:
        """Return which knobs of the bar go into the menu: in a hall a row holds four of them.

        What every run has stays, and so does what the page itself sets: that is its point.
        """
        there = [name for name in names if self._has(name, {})]
        optional = [name for name in there[2:] if not self.defaults.sets(name)]
        beyond = len(there) - MOST_IN_HALL
        return optional[-beyond:] if look.is_projected() and beyond > 0 else ()

    def _at_first(self, name: str, first: Settings) -> Any:
        """Return where a knob stands at first: as the page wants it, but where that is refused.

        A server may have limits below what a page wants. Where the knobs before it stand at first
        counts, not where its visitor has moved them: else it would move by itself.
        """
        wanted, setting = self.defaults.of(name), SETTINGS[name]
        if setting.widget is None:
            return wanted
        for patterns in (self.opens_with, self.patterns):
            taking = [
                draft
                for draft in self._drafts(first, patterns)
                if setting.refusal(draft, None) is None
            ]
            if taking:
                most = min(setting.most(draft, LIMITS) for draft in taking)
                return setting.widget.within(wanted, most)
        return wanted

    def _has(self, name: str, chosen: Settings) -> bool:
        """Return whether there is a widget: not for what the page decides, or no pattern takes."""
        if name == "sleep_s" and self.workload is not None:
            return self.workload.is_timed
        if name == "workload" or (name == "executor" and self.executors):
            return False
        drafts = self._drafts(chosen, self.patterns)
        return any(SETTINGS[name].refusal(draft, None) is None for draft in drafts)

    def _drafts(self, chosen: Settings, patterns: Sequence[Pattern]) -> Iterator[Settings]:
        """Yield a draft of each run, in each executor that the page may give it."""
        workload = None if self.workload is None else self.workload.name
        executors = self.executors or (chosen.get("executor", ExecutorKind.THREADS),)
        for pattern in patterns:
            for executor in executors if pattern.takes_executor else (None,):
                run = {"pattern": pattern.name, "workload": workload, "executor": executor}
                yield chosen | run

    def _room(self, name: str, place: Place) -> DeltaGenerator:
        widget = SETTINGS[name].widget
        is_wide = place is Place.BAR and widget is not None and widget.as_buttons
        room: DeltaGenerator = self.layout.wide if is_wide else getattr(self.layout, place)
        return room


def _executor_of(chosen: Settings) -> Settings:
    return {name: value for name, value in chosen.items() if name == "executor"}


def choose(link: Link, setting: Setting, first: Any, workload: Workload | None = None) -> Any:
    """Show the widget of a setting, which stands at `first` at first, and return its value."""
    widget = setting.widget
    if widget is None:
        raise LookupError(f"there is no widget for {setting.option}")
    at_first = widget.scale.position(first)
    words = {widget.scale.word(each): each for each in widget.positions}
    key = link.one_of(
        setting.in_url.replace("-", " "),
        words,
        at_first,
        nearest=lambda text: widget.scale.nearest(text, widget.positions),
    )
    label, meaning = widget.texts(workload)
    if widget.as_buttons:
        chosen = st.segmented_control(
            label,
            widget.positions,
            default=at_first,
            required=True,
            format_func=widget.scale.shown,
            key=key,
            persist_state="session",
            help=meaning,
        )
        return widget.scale.value(at_first if chosen is None else chosen)
    return widget.scale.value(
        st.select_slider(
            label,
            widget.positions,
            at_first,
            format_func=widget.scale.shown,
            key=key,
            persist_state="session",
            help=meaning,
        )
    )


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
        return max((schedule(spec).wall_ns for spec in self.specs), default=0) / NS_PER_S


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
    first = [PATTERNS[name] for name in FIRST_RACE]
    return several(link, layout, choices, Defaults(one_fails=one_fails), opens_with=first)


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
    link: Link,
    layout: PageLayout,
    choices: Sequence[RunChoice],
    defaults: Defaults,
    *,
    opens_with: Sequence[Pattern] = (),
) -> RunRequest:
    """Show the controls that a page's runs share and return what they ask for."""
    workload = choices[0].workload
    knobs = Knobs(
        link=link,
        layout=layout,
        patterns=[PATTERNS[choice.pattern] for choice in choices],
        defaults=defaults,
        workload=None if workload is None else WORKLOADS[workload],
        executors=[choice.executor for choice in choices if choice.executor],
        opens_with=opens_with,
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
        except (PythonTooOld, TooLong) as error:  # which name their pattern
            refusals.append(str(error))
        except LoopscopeError as error:
            refusals.append(f"{choice.pattern}: {error}")
    return RunRequest(specs=tuple(specs), refusals=tuple(refusals))


def _spec(choice: RunChoice, settings: Settings) -> RunSpec:
    (spec,) = specs_within(LIMITS, [choice.pattern], settings | choice.settings)
    check_limits(spec, LIMITS)
    return spec
