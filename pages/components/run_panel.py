"""The run panel: what starts, stops and follows runs, how they are shown, and what was guessed."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.guesses import (
    Guess,
    Order,
    guesses,
    idea_text,
    order_texts,
    order_verdict,
    verdict,
)
from core.analysis.side_by_side import run_name
from core.charts.lanes import LaneView
from core.charts.strips import Strip
from core.measuring.turns import Wait
from core.services import service_record
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components import look
from pages.components.controls import AUTOMATIC_UP_TO_S, RunRequest
from pages.components.link import Link, finish, link_button
from pages.components.look import PageLayout, escaped, unbroken
from pages.components.session_runs import SessionRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """What was guessed of each run; `is_waiting` as long as a guess is missing."""

    is_waiting: bool = False
    times: Mapping[RunSpec, Guess] = field(default_factory=dict)
    orders: Mapping[RunSpec, Order] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """The runs that a page asks for, and how they are to be looked at.

    Attributes:
        page: The page's name.
        specs: The runs, from top to bottom.
        strips: What stands below each run.
        lanes: What a row of the chart stands for.
        menu: Where it is chosen what the chart shows.
        guessed: What was guessed of each run.
        in_slow_motion: Whether what has been measured is shown once more, at reading speed.
    """

    page: str
    specs: tuple[RunSpec, ...]
    lanes: LaneView
    menu: DeltaGenerator
    strips: Sequence[Strip] = ()
    guessed: Guessed = field(default_factory=Guessed)
    in_slow_motion: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether there is something to measure, and no guess of it missing."""
        return bool(self.specs) and not self.guessed.is_waiting

    @property
    def missing(self) -> str:
        """What has to be done before there is something to measure; empty if there is."""
        return _("Guess, then run") if self.specs and self.guessed.is_waiting else ""


def show(
    link: Link,
    request: RunRequest,
    runs: SessionRuns,
    layout: PageLayout,
    *,
    strips: Sequence[Strip],
) -> RunView:
    """Show the switches, and start what moved controls, or the link, ask for."""
    page, specs = link.page, request.specs
    with layout.switches:
        by_itself = _by_itself(link)
        guesses_first = guess_first(link)
        slow = slow_motion(link)
        lanes = lane_view(lanes_key(link))
        shared = link_button(link)
    guessed = ask_guesses(page, specs) if guesses_first else Guessed()
    view = RunView(
        page=page,
        specs=specs,
        lanes=lanes,
        menu=layout.chart,
        strips=strips,
        guessed=guessed,
        in_slow_motion=slow,
    )
    moved = specs != runs.specs(page)
    quick = request.slowest_ideal_s <= AUTOMATIC_UP_TO_S
    if view.is_ready and (link.starts_run or (by_itself and quick and moved)):
        runs.measure(page, specs, opening=link.is_first or runs.awaits_paint(page))
    _show_refusals(request)
    finish(link, shared=shared)
    return view


def slow_motion(link: Link) -> bool:
    """Show the switch for slow motion and return how it stands."""
    return st.toggle(
        _("Slow motion"),
        key=link.switch("slow", first=False),
        persist_state="session",
        help=_("Shows the bars at reading speed as soon as they have been measured."),
    )


def _show_refusals(request: RunRequest) -> None:
    """Say what cannot be measured: quietly where other runs can, since the chart shows those."""
    if not request.refusals:
        return
    if not request.specs:
        for refusal in request.refusals:
            st.error(escaped(refusal))
        return
    refused = "; ".join(request.refusals)
    st.caption(unbroken(escaped(_("Left out: {refused}").format(refused=refused))))


def _by_itself(link: Link) -> bool:
    return st.toggle(
        _("Measure as I move"),
        value=True,
        key=link.switch("automatic", first=True),
        persist_state="session",
        help=_("Measure whenever a control changes, if the slowest run takes at most 3 s."),
    )


def lanes_key(link: Link) -> str:
    """Return the key of the choice of rows, which stands in the link of a page."""
    return link.one_of("lanes", {str(view): view for view in LaneView}, LaneView.JOBS)


def lane_view(key: str) -> LaneView:
    """Ask what a row of the chart shall stand for."""
    names = {LaneView.JOBS: _("rows: jobs"), LaneView.WORKERS: _("rows: workers")}
    chosen = st.segmented_control(
        _("Rows of the chart"),
        list(names),
        default=LaneView.JOBS,
        required=True,
        format_func=lambda view: names[view],
        key=key,
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen or LaneView.JOBS


def run_and_stop(
    at: DeltaGenerator,
    page: str,
    runs: SessionRuns,
    *,
    measure: Callable[[], None],
    ready: bool,
    missing: str = "",
) -> None:
    """Show Run, which can be pressed if something is `ready` to be measured, and Stop.

    If it is not, Run says what is `missing`.

    They belong to the fragment of what is measured, wherever they stand: pressing one draws that
    and nothing else, since a server draws such pages all the time.
    """
    with at, st.container(horizontal=True, gap="small"):
        pressed = st.button(
            missing or _("Run"),
            type="primary",
            shortcut="Ctrl+Enter",
            disabled=not ready,
            key=f"{page} run",
        )
        if pressed and ready:
            measure()
        st.button(
            _("Stop"),
            shortcut="S",
            disabled=not runs.is_running(page),
            key=f"{page} stop",
            on_click=runs.stop,
        )


def again(page: str, *, measure: Callable[[], None]) -> None:
    """Offer to measure once more what something disturbed, where its picture is."""
    st.button(
        _("Measure again"),
        key=f"{page} again",
        shortcut="G",
        on_click=measure,
        help=_("The machine had other work, or the first job came late: another run may be calm."),
    )


def show_waiting(starting: Sequence[str], wait: Wait | None = None) -> None:
    """Say when it is a run's turn, and which services are being started."""
    if wait is not None:
        st.info(turn_text(wait))
    for name in starting:
        st.info(str(service_record(name).starting))


def turn_text(wait: Wait) -> str:
    """Return where a run stands in the queue, and about how long it stays there."""
    return _("Waiting for its turn: place {place:,} in the queue, about {seconds:,} s …").format(
        place=wait.place, seconds=max(1, math.ceil(wait.seconds))
    )


def refresh_after(page: str, after_s: float, *, painted: Callable[[], None] | None = None) -> None:
    """Draw the fragment in which this is called again, some seconds after it was drawn.

    Streamlit's own `run_every` goes on until the whole page is drawn again, and counts from when
    it began: a server that is slow would be asked faster than it can answer.

    With `painted` it is drawn as soon as the page is painted, and at the latest after that time;
    just before, `painted` is called.
    """
    component = st.components.v2.component(
        "refresh_timer",
        html="<i hidden></i>",
        js=look.asset("refresh_timer.js"),
    )
    component(
        key=f"{page} refresh timer",
        data={
            "number": time.monotonic_ns(),
            "after_ms": round(after_s * 1_000),
            "when_painted": painted is not None,
        },
        on_beat_change=painted or (lambda: None),
    )


def guess_first(link: Link) -> bool:
    """Show the switch for guessing and return how it stands."""
    return st.toggle(
        _("Guess first"),
        key=link.switch("guess", first=False),
        persist_state="session",
        help=_("First say how long it will take and in which order the jobs will end."),
    )


def ask_guesses(page: str, specs: Sequence[RunSpec]) -> Guessed:
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


def tell_guesses(guessed: Guessed, timelines: Sequence[Timeline]) -> None:
    """Say of each run how the guess compares with it."""
    lines = [
        f"- **{escaped(run_name(each.program))}**: {escaped(_told(guessed, each.spec, each))}"
        for each in timelines
        if each.spec is not None and each.spec in guessed.times
    ]
    if lines:
        st.markdown("\n".join(lines))


def _told(guessed: Guessed, spec: RunSpec, timeline: Timeline) -> str:
    answer = verdict(guessed.times[spec], timeline)
    order = guessed.orders.get(spec)
    return answer if order is None else f"{answer} {order_verdict(order, timeline)}"
