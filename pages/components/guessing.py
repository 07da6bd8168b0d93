"""Guess first: what people think a run will take, before its bars appear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from core.analysis.guesses import (
    Guess,
    Order,
    guesses,
    idea_text,
    order_texts,
    order_verdict,
    verdict,
)
from core.analysis.run_names import run_name
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components.link import Link
from pages.components.markdown_text import escaped


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """What was guessed of each run; `is_waiting` as long as a guess is missing."""

    is_waiting: bool = False
    times: Mapping[RunSpec, Guess] = field(default_factory=dict)
    orders: Mapping[RunSpec, Order] = field(default_factory=dict)


def toggle(link: Link) -> bool:
    """Show the switch for guessing and return how it stands."""
    return st.toggle(
        _("Guess first"),
        key=link.switch("guess", first=False),
        persist_state="session",
        help=_("First say how long it will take and in which order the jobs will end."),
    )


def ask(page: str, specs: Sequence[RunSpec]) -> Guessed:
    """Ask for a guess of each run and return what was guessed so far."""
    times: dict[RunSpec, Guess] = {}
    orders: dict[RunSpec, Order] = {}
    for place, spec in enumerate(specs):
        key = f"{page} guess {place} {hash(spec)}"
        time, order = _time(spec, f"{key} time"), _order(spec, f"{key} order")
        if time is not None:
            times[spec] = time
        if order is not None:
            orders[spec] = order
    wanted = sum(spec.tasks > 1 for spec in specs)
    waiting = len(times) < len(set(specs)) or len(orders) < wanted
    if waiting:
        st.info(_("The chart appears once you have guessed."))
    return Guessed(is_waiting=waiting, times=times, orders=orders)


def _time(spec: RunSpec, key: str) -> Guess | None:
    label = _("How long will {run} take?").format(run=run_name(spec))
    return st.segmented_control(escaped(label), guesses(spec), format_func=idea_text, key=key)


def _order(spec: RunSpec, key: str) -> Order | None:
    if spec.tasks == 1:
        return None
    texts = order_texts()
    label = _("In which order will the jobs of {run} end?").format(run=run_name(spec))
    return st.segmented_control(
        escaped(label), list(texts), format_func=lambda order: texts[order], key=key
    )


def tell(guessed: Guessed, timelines: Sequence[Timeline]) -> None:
    """Say of each run how the guess compares with it."""
    lines = [
        f"- **{escaped(run_name(each.program))}**: {escaped(_told(guessed, each.spec, each))}"
        for each in timelines
        if each.spec is not None and each.spec in guessed.times
    ]
    if lines:
        st.markdown("\n".join(lines))


def _told(guessed: Guessed, spec: RunSpec, timeline: Timeline) -> str:
    told = verdict(guessed.times[spec], timeline)
    order = guessed.orders.get(spec)
    return told if order is None else f"{told} {order_verdict(order, timeline)}"
