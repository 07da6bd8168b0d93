"""The knobs: one widget for each setting of a page's runs, shown where a run takes it.

What each is, and which runs take it, stands in the table of settings (`core.spec.run_spec`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.patterns import Pattern
from core.spec.run_spec import SETTINGS, ExecutorKind
from core.spec.settings import Place, Setting
from core.workloads import Workload
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

    def of(self, name: str) -> Any:
        """Return where a widget stands at first."""
        widget = SETTINGS[name].widget
        return self._first.get(name, None if widget is None else widget.first)


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
        chosen: Settings = {}
        for place in Place:
            if place is not Place.FAILURE or self.defaults.one_fails:
                self._show(place, chosen)
        return chosen

    def _show(self, place: Place, chosen: Settings) -> None:
        names = [
            name
            for name, entry in SETTINGS.items()
            if entry.widget is not None and entry.widget.place is place
        ]
        for name in names:
            if self._has(name, chosen):
                with self._room(name, place):
                    chosen[name] = self._choose(name)
            elif name == "sleep_s":
                chosen[name] = 0

    def _has(self, name: str, chosen: Settings) -> bool:
        """Tell whether there is a widget: not for what the page decides, or no pattern takes."""
        if name == "sleep_s" and self.workload is not None:
            return self.workload.is_timed
        if name == "workload" or (name == "executor" and not self.chooses_executor):
            return False
        workload = None if self.workload is None else self.workload.name
        executor = chosen.get("executor", ExecutorKind.THREADS)
        drafts = (
            chosen
            | {"pattern": pattern.name, "workload": workload}
            | {"executor": executor if pattern.takes_executor else None}
            for pattern in self.patterns
        )
        return any(SETTINGS[name].refusal(draft, None) is None for draft in drafts)

    def _room(self, name: str, place: Place) -> DeltaGenerator:
        widget = SETTINGS[name].widget
        is_wide = place is Place.BAR and widget is not None and widget.as_buttons
        room: DeltaGenerator = self.layout.wide if is_wide else getattr(self.layout, place)
        return room

    def _choose(self, name: str) -> Any:
        return choose(self.link, SETTINGS[name], self.defaults.of(name), self.workload)


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
