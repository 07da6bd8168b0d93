"""The run panel: what starts and stops runs, how they are looked at, and what they wait for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.exact_lanes import LaneView
from core.measuring.turns import Wait
from core.text.language import _
from pages.components import guessing, replay
from pages.components.controls import AUTOMATIC_UP_TO_S, RunRequest
from pages.components.guessing import Guessed
from pages.components.link import Link, show_dialog
from pages.components.markdown_text import escaped
from pages.components.page_layout import PageLayout
from pages.components.session_runs import SessionRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """How runs shall be looked at: what a row of the chart stands for, and what was guessed.

    `in_slow_motion` shows what has been measured once more, at reading speed.
    """

    lanes: LaneView
    guessed: Guessed = field(default_factory=Guessed)
    in_slow_motion: bool = False


def show(link: Link, request: RunRequest, runs: SessionRuns, layout: PageLayout) -> Viewing:
    """Show the switches, and start what moved controls, or the link, ask for."""
    page = link.page
    with layout.switches:
        by_itself = _by_itself(link)
        guesses_first = guessing.toggle(link)
        slow = replay.slow_motion(link)
        view = lane_view(lanes_key(link))
        shared = link_button(page)
    guessed = guessing.ask(page, request.specs) if guesses_first else Guessed()
    moved = request.specs != runs.specs(page)
    quick = request.slowest_ideal_s <= AUTOMATIC_UP_TO_S
    wanted = link.starts_run or (by_itself and quick and moved)
    if request.specs and wanted and not guessed.is_waiting:
        runs.measure(page, request.specs, opening=link.is_first or runs.awaits_paint(page))
    for refusal in request.refusals:
        st.error(escaped(refusal))
    link.write()
    for note in link.notes:
        st.warning(escaped(note))
    if shared:
        show_dialog(link)
    return Viewing(lanes=view, guessed=guessed, in_slow_motion=slow)


def _by_itself(link: Link) -> bool:
    return st.toggle(
        _("Measure as I move"),
        value=True,
        key=link.switch("automatic", first=True),
        persist_state="session",
        help=_("Measure whenever a control is let go, if the slowest run takes at most 3 s."),
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
    at: DeltaGenerator, page: str, runs: SessionRuns, *, measure: Callable[[], None], ready: bool
) -> None:
    """Show Run, which can be pressed if something is `ready` to be measured, and Stop.

    They belong to the fragment of what is measured, wherever they stand: pressing one draws that
    and nothing else, since a server draws such pages all the time.
    """
    with at, st.container(horizontal=True, gap="small"):
        pressed = st.button(
            _("Run"), type="primary", shortcut="Ctrl+Enter", disabled=not ready, key=f"{page} run"
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


def link_button(page: str) -> bool:
    """Show what opens the page's link and return whether it was pressed."""
    return st.button(
        _("Link"),
        key=f"{page} link",
        help=_("A link to this page as it stands, with its QR code."),
    )


def show_waiting(starting: Sequence[str], wait: Wait | None = None) -> None:
    """Say when it is a run's turn, and which services are being started."""
    if wait is not None:
        st.info(turn_text(wait))
    for name in starting:
        st.info(starting_texts()[name])


def turn_text(wait: Wait) -> str:
    """Return where a run stands in the queue, and about how long it stays there."""
    return _("Waiting for its turn: place {place:,} in the queue, about {seconds:,} s …").format(
        place=wait.place, seconds=max(1, math.ceil(wait.seconds))
    )


def starting_texts() -> dict[str, str]:
    """Return what is said while each service starts, by the names in `core.services`."""
    return {
        "cpu": _("Finding out how fast this machine calculates …"),
        "files": _("Writing files to read …"),
        "http": _("Starting the web server …"),
        "postgres": _("Starting PostgreSQL …"),
        "dask": _("Starting the Dask cluster …"),
    }
